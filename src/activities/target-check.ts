import type { InjectionSpec } from '../domain/injection/records.ts';
import type { WatchEnd } from '../domain/measure/watch-end.ts';
import { injectionIdOf } from '../domain/plan/plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { targetHealthy, targetProblems } from '../guards/target-healthy.ts';
import type { Platform } from '../ports/platform.ts';

/**
 * Looks once more at the targets of these injections, none of which is in effect yet: between the guards and now they may have
 * been replaced or have fallen over. null when all are as planned; else the end of the watch, before anything is touched.
 */
export async function targetsUnfit(
  plan: Plan,
  specs: readonly InjectionSpec[],
  { platform, touched }: { readonly platform: Platform; readonly touched: boolean },
): Promise<WatchEnd | null> {
  const ids = new Set(specs.map(({ id }) => id));
  const runId = specs[0]?.runId ?? '';
  const problems = await targetProblems(
    plan.steps.filter((step) => ids.has(injectionIdOf(runId, step))),
    platform,
  );
  if (problems.length === 0) return null;
  return {
    kind: 'ended',
    ending: touched ? 'aborted' : 'not-started',
    reason: `targets are not as planned: ${problems.join('; ')}. Plan again once they are well`,
    abortedBy: { kind: 'guard', name: targetHealthy.name },
  };
}
