import { AppError } from '../domain/errors.ts';
import type { Plan, TargetRef } from '../domain/plan/plan.ts';
import { sameTargets } from '../domain/plan/same-targets.ts';
import { selectorOf } from '../domain/plan/selector.ts';
import type { Platform } from '../ports/platform.ts';
import { planHash } from './create-plan.ts';

/**
 * The plan on its targets as they are now: a process that was restarted since has another uid. Nothing is chosen anew, so
 * what was approved still stands; when nothing changed it is the same plan, to its hash. Errors: `target/none`.
 */
export async function refreshTargets(plan: Plan, platform: Platform): Promise<Plan> {
  const steps = await Promise.all(
    plan.steps.map(async (step) => ({ ...step, target: await presentTarget(step.target, plan, platform) })),
  );
  const fresh = { ...plan, steps };
  return sameTargets(plan, fresh) ? plan : { ...fresh, hash: planHash(fresh) };
}

async function presentTarget(target: TargetRef, { environment }: Plan, platform: Platform): Promise<TargetRef> {
  const found = (await platform.resolve(selectorOf(target))).find(({ name }) => name === target.name);
  if (found !== undefined) return found;
  throw new AppError(
    'target/none',
    `${target.service}/${target.name} is planned as a target and is not there now in environment ${environment.name}. Start it`,
  );
}
