import { AppError } from '../domain/errors.ts';
import { exposureSecondsOf, stageCountOf } from '../domain/plan/exposure.ts';
import type { Plan, PlannedEnvironment, PlannedInjection } from '../domain/plan/plan.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';
import type { Experiment } from '../spec/experiment.ts';
import type { FaultRegistry } from '../spec/fault-registry.ts';
import { pathText } from '../spec/problem.ts';
import { hashOf } from './hash-of.ts';
import { plannedHypotheses, plannedProbes } from './plan-measures.ts';
import { resolveStep } from './resolve-targets.ts';
import type { ResolvedStep } from './resolve-targets.ts';
import { trafficOn } from './traffic.ts';
import { findSpec } from './workspace.ts';
import type { Workspace } from './workspace.ts';

export interface PlanRequest {
  readonly experiment: Experiment;
  readonly environment: Environment;
  readonly workspace: Workspace;
  readonly platform: Platform;
  readonly faults: FaultRegistry;
  /** The same seed and the same members give the same plan. */
  readonly seed: number;
  /** Tells how much of the traffic the targets take; absent: nobody asks. */
  readonly metrics?: Pick<MetricsSource, 'instant'>;
}

/** Errors: `spec/not-found`, `spec/invalid`, `target/none`, `plan/blast-radius`, `policy/denied`. */
export async function createPlan(request: PlanRequest): Promise<Plan> {
  const { experiment, environment, workspace, platform, faults, seed, metrics } = request;
  refuseBadParams(experiment, faults);
  const hypotheses = experiment.hypotheses.map((name) => findSpec(workspace, 'Hypothesis', name));
  const resolved: ResolvedStep[] = [];
  for (const [index, step] of experiment.faults.entries()) {
    const taken = resolved.flatMap(({ injections }) => injections);
    const found = await resolveStep(step, index + 1, { environment, platform, faults, seed, taken });
    resolved.push(experiment.order === 'in-turn' ? after(taken, found) : found);
  }
  const steps = resolved.flatMap(({ injections }) => injections);
  const stages = Math.max(...steps.map(({ stage }) => stage));
  refuseTooLong(experiment, steps, environment);
  const { maxPercent, maxCount, minHealthy, maxPerNode, maxPerZone } = environment.policy;
  const plan: Omit<Plan, 'hash'> = {
    schemaVersion: 1,
    experiment: { name: experiment.name, title: experiment.title },
    environment: plannedEnvironment(environment),
    scope: experiment.scope,
    seed,
    steps,
    holdSeconds: experiment.holdSeconds,
    leaseSeconds: experiment.leaseSeconds,
    baselineSeconds: experiment.baselineSeconds,
    recovery: experiment.recovery,
    graceSeconds: experiment.graceSeconds,
    hypotheses: plannedHypotheses(hypotheses),
    probes: plannedProbes(experiment, hypotheses),
    expectedAlerts: experiment.expectedAlerts,
    ...(stages > 1 ? { stageSeconds: experiment.stageSeconds } : {}),
    ...(experiment.order === 'in-turn' ? { order: experiment.order } : {}),
    limits: { maxPercent, maxCount, minHealthy, maxPerNode, maxPerZone },
  };
  const hash = planHash(plan);
  if (environment.platform === 'host') return { ...plan, hash };
  const surroundings = await Promise.all(
    resolved.map(async (step) => ({ ...step.surroundings, traffic: await trafficOn(step, environment, metrics) })),
  );
  return { ...plan, hash, surroundings };
}

/** Its stages follow those of the faults before it. */
function after(before: readonly PlannedInjection[], step: ResolvedStep): ResolvedStep {
  const last = Math.max(0, ...before.map(({ stage }) => stage));
  return { ...step, injections: step.injections.map((injection) => ({ ...injection, stage: last + injection.stage })) };
}

/** sha256 of the canonical JSON of a plan, without what was only seen around it. */
export function planHash(plan: Omit<Plan, 'hash'>): string {
  const { hash: _, surroundings: __, ...rest } = plan as Plan;
  return hashOf(rest);
}

export function plannedEnvironment(environment: Environment): PlannedEnvironment {
  const { name, prometheusUrl, alertmanagerUrls, receiverUrl, archiveDirectory } = environment;
  const links = { name, prometheusUrl, alertmanagerUrls, receiverUrl, archiveDirectory };
  return environment.platform === 'host'
    ? { ...links, platform: 'host', stateDirectory: environment.stateDirectory }
    : { ...links, platform: 'kubernetes', cluster: environment.cluster };
}

/** With stages, the first one's faults stay for all of them; and what people do by hand may be there as soon as they are asked. */
function refuseTooLong(experiment: Experiment, steps: Plan['steps'], environment: Environment): void {
  const { name, holdSeconds, stageSeconds } = experiment;
  const { maxHoldSeconds } = environment.policy;
  const held = exposureSecondsOf({ steps, holdSeconds, stageSeconds });
  if (held <= maxHoldSeconds) return;
  const shorten = [
    'hold',
    ...(stageCountOf({ steps }) > 1 ? ['stageHold'] : []),
    ...(steps.some(({ byHand }) => byHand !== undefined) ? ['within'] : []),
  ].join(' or ');
  throw new AppError(
    'policy/denied',
    `experiment ${name} holds its faults for ${held} s, and environment ${environment.name} allows ${maxHoldSeconds} s (policy.maxHold). Shorten ${shorten}`,
  );
}

function refuseBadParams({ name, faults: steps }: Experiment, faults: FaultRegistry): void {
  const problems = steps.flatMap(({ fault, params }, index) => {
    const parsed = faults.parse(fault, params);
    if (parsed.ok) return [];
    return parsed.issues.map(({ path, message }) => `${pathText(['spec', 'faults', index, 'params', ...path])}: ${message}`);
  });
  if (problems.length > 0) throw new AppError('spec/invalid', `experiment ${name}: ${problems.join('\n')}`);
}
