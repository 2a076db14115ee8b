import type { Plan } from './plan.ts';

/** Whether a plan that was made anew acts on the very same things: same fault, same place, same uid. */
export function sameTargets(plan: Pick<Plan, 'steps'>, fresh: Pick<Plan, 'steps'>): boolean {
  const identities = ({ steps }: Pick<Plan, 'steps'>): string[] =>
    steps.map(({ step, ordinal, fault, target }) =>
      JSON.stringify([step, ordinal, fault, target.kind, target.service, target.uid]),
    );
  const [a, b] = [identities(plan), identities(fresh)];
  return a.length === b.length && a.every((identity, index) => identity === b[index]);
}
