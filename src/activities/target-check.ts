import type { InjectionSpec } from '../domain/injection/records.ts';
import type { WatchEnd } from '../domain/measure/watch-end.ts';
import { injectionIdOf } from '../domain/plan/plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { blastRadius, radiusProblems } from '../guards/blast-radius.ts';
import { targetHealthy, targetProblems } from '../guards/target-healthy.ts';
import type { Platform } from '../ports/platform.ts';

/**
 * Looks once more at the targets of these injections, none of which is in effect yet: between the guards and now they may have
 * been replaced or have fallen over, and others beside them too. null when all are as planned; else the end of the watch, before
 * anything of them is touched.
 */
export async function targetsUnfit(
  plan: Plan,
  specs: readonly InjectionSpec[],
  { platform, touched }: { readonly platform: Platform; readonly touched: boolean },
): Promise<WatchEnd | null> {
  const ids = new Set(specs.map(({ id }) => id));
  const runId = specs[0]?.runId ?? '';
  const steps = plan.steps.filter((step) => ids.has(injectionIdOf(runId, step)));
  const end = (problems: readonly string[], guard: { readonly name: string }): WatchEnd => ({
    kind: 'ended',
    ending: touched ? 'aborted' : 'not-started',
    reason: `targets are not as planned: ${problems.join('; ')}. Plan again once they are well`,
    abortedBy: { kind: 'guard', name: guard.name },
  });
  const unwell = await targetProblems(steps, platform);
  if (unwell.length > 0) return end(unwell, targetHealthy);
  const beyond = await radiusProblems(plan, platform, Math.max(...steps.map(({ stage }) => stage)));
  return beyond.length > 0 ? end(beyond, blastRadius) : null;
}
