import type { TargetRef } from '../domain/plan/plan.ts';
import type { Selector } from '../domain/plan/selector.ts';

/** Where services run. */
export interface Platform {
  /** Everything the selector fits that is there now, in a stable order. Nothing is an empty list. Errors: `upstream/unreachable`. */
  resolve(selector: Selector): Promise<readonly TargetRef[]>;
}
