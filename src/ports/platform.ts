import type { TargetRef } from '../domain/plan/plan.ts';
import type { Selector } from '../domain/plan/selector.ts';

/** Where services run. */
export interface Platform {
  /** Everything the selector fits that is there now, in a stable order. Nothing is an empty list. Errors: `upstream/unreachable`. */
  resolve(selector: Selector): Promise<readonly TargetRef[]>;
  /** How many should be there, of a workload's members; 0 where nothing says so. Errors: `upstream/unreachable`. */
  membersOf(selector: Selector): Promise<number>;
  /** Why a target that is there takes no requests, in one sentence; null when it does, or when only its agent may ask. */
  problemWith(target: TargetRef): Promise<string | null>;
}
