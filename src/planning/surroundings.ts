import { neighboursOf } from '../domain/plan/limits.ts';
import type { Surroundings, TargetRef } from '../domain/plan/plan.ts';
import type { Survey } from '../domain/plan/survey.ts';

/** What people see around the chosen targets of one step. */
export function surroundingsOf(step: number, survey: Survey, chosen: readonly TargetRef[]): Omit<Surroundings, 'traffic'> {
  const uids = new Set(chosen.map(({ uid }) => uid));
  return {
    step,
    stays: survey.candidates
      .filter(({ target }) => !uids.has(target.uid))
      .map(({ target: { name, locator } }) => ({ name, node: textOr(locator['node']), zone: textOr(locator['zone']) })),
    aside: survey.aside,
    budgets: survey.budgets.map(({ name, allowed, covers }) => ({
      name,
      allowed,
      hit: covers.filter((uid) => uids.has(uid)).length,
    })),
    neighbours: neighboursOf(chosen, survey),
  };
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
