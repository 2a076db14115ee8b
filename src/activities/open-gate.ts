import { isAppError } from '../domain/errors.ts';
import type { GateAnswer } from '../domain/game-day/gate.ts';
import type { Plan, PlannedProbe } from '../domain/plan/plan.ts';
import { checkGuards } from '../guards/index.ts';
import { refreshTargets } from '../planning/refresh-targets.ts';
import type { ActivityDeps } from './connections.ts';
import { takeSample } from './probe-loop.ts';

/**
 * Whether a scenario may begin now: its targets are there, no guard objects (residue of the scenario before is one), and every
 * probe is good. A look, not the proof: the run asks its guards and takes its baseline again.
 */
export async function openGate(deps: ActivityDeps, plan: Plan): Promise<GateAnswer> {
  const connections = deps.connect(plan.environment);
  const platform = deps.platformOf(plan.environment);
  let fresh: Plan;
  try {
    fresh = await refreshTargets(plan, platform);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'target/none') throw error;
    return { closed: [error.message], plan, replaced: [] };
  }
  const guards = await checkGuards({ plan: fresh, clock: deps.clock, platform, ...connections });
  const blocked = guards.filter(({ result }) => result === 'blocked').map(({ guard, reason }) => `${guard}: ${reason}`);
  const looks = await Promise.all(
    fresh.probes.filter(({ roles }) => roles.length > 0).map((probe) => look(deps, connections.read, probe)),
  );
  return {
    closed: [...blocked, ...looks.filter((problem) => problem !== null)],
    plan: fresh,
    replaced: replacedTargets(plan, fresh),
  };
}

async function look(
  { clock }: ActivityDeps,
  read: Parameters<typeof takeSample>[2],
  probe: PlannedProbe,
): Promise<string | null> {
  const sample = await takeSample(probe, clock, read, new AbortController().signal);
  if (sample.class === 'good') return null;
  const found = sample.class === 'bad' ? `is ${sample.value}` : `gives no usable value (${sample.note ?? sample.class})`;
  return `not steady: ${probe.name} must be ${probe.comparator} ${probe.threshold} and ${found}`;
}

function replacedTargets(planned: Plan, fresh: Plan): readonly string[] {
  return planned.steps.flatMap(({ target }, index) => {
    const now = fresh.steps[index]?.target;
    return now === undefined || now.uid === target.uid
      ? []
      : [`${target.service}/${target.name} was ${target.uid}, is ${now.uid}`];
  });
}
