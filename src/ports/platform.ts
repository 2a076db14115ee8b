import type { TargetRef } from '../domain/plan/plan.ts';
import type { Selector } from '../domain/plan/selector.ts';
import type { Survey } from '../domain/plan/survey.ts';

/** Where services run. Errors: `upstream/unreachable`, `cluster/forbidden`; `target/none` where the environment file names what is not there. */
export interface Platform {
  /** Everything the selector fits that is there and well now, in a stable order. Nothing is an empty list. */
  resolve(selector: Selector): Promise<readonly TargetRef[]>;
  /** The same, with all that a plan weighs. */
  survey(selector: Selector): Promise<Survey>;
  /** Why a target that is there takes no requests, in one sentence; null when it does, or when only its agent may ask. */
  problemWith(target: TargetRef): Promise<string | null>;
}
