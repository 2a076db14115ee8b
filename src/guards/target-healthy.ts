import { messageOf } from '../domain/errors.ts';
import { isMember } from '../domain/plan/limits.ts';
import type { PlannedInjection } from '../domain/plan/plan.ts';
import { selectorOf } from '../domain/plan/selector.ts';
import { targetChange } from '../domain/plan/target-change.ts';
import type { Platform } from '../ports/platform.ts';
import type { Guard } from './guard.ts';

/** Every target is the very thing that was planned, and takes requests: what is broken already must not be broken on purpose. */
export const targetHealthy: Guard = {
  name: 'target-healthy',
  async check({ plan, platform }) {
    const problems = await targetProblems(plan.steps, platform);
    if (problems.length > 0) {
      return { result: 'blocked', reason: `${problems.join('; ')}. Plan again once it is well` };
    }
    const missing = await missingMembers(plan.steps, platform);
    return missing.length === 0
      ? { result: 'ok', reason: `${plan.steps.length} target(s), as planned` }
      : { result: 'warning', reason: `${missing.join('; ')}: the faults hit a larger share than was planned` };
  },
};

/** One sentence for each target that was replaced, is gone, or does not answer. What cannot be asked is a problem too. */
export async function targetProblems(steps: readonly PlannedInjection[], platform: Platform): Promise<readonly string[]> {
  const problems = await Promise.all(
    steps.map(async ({ target }) => {
      try {
        const change = targetChange(target, await platform.resolve(selectorOf(target)));
        return change ?? (await platform.problemWith(target));
      } catch (error) {
        return `${target.service}/${target.name} could not be asked: ${messageOf(error)}`;
      }
    }),
  );
  return problems.filter((problem) => problem !== null);
}

async function missingMembers(steps: readonly PlannedInjection[], platform: Platform): Promise<readonly string[]> {
  const services = new Map(
    steps.filter(({ target }) => isMember(target)).map(({ target, selection }) => [target.service, selection]),
  );
  const missing = await Promise.all(
    [...services].map(async ([service, { of }]) => {
      const { well } = await platform.survey({ kind: 'member', service });
      return well < of ? `${of - well} of ${of} ${service} do not run` : null;
    }),
  );
  return missing.filter((problem) => problem !== null);
}
