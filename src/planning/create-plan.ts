import { AppError } from '../domain/errors.ts';
import type { Plan, PlannedEnvironment, PlannedInjection } from '../domain/plan/plan.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';
import type { Experiment } from '../spec/experiment.ts';
import type { FaultRegistry } from '../spec/fault-registry.ts';
import { pathText } from '../spec/problem.ts';
import { hashOf } from './hash-of.ts';
import { plannedHypotheses, plannedProbes } from './plan-measures.ts';
import { resolveStep } from './resolve-targets.ts';
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
}

/** Errors: `spec/not-found`, `spec/invalid`, `target/none`, `plan/blast-radius`, `policy/denied`. */
export async function createPlan({ experiment, environment, workspace, platform, faults, seed }: PlanRequest): Promise<Plan> {
  refuseTooLong(experiment, environment);
  refuseBadParams(experiment, faults);
  const hypotheses = experiment.hypotheses.map((name) => findSpec(workspace, 'Hypothesis', name));
  const steps: PlannedInjection[] = [];
  for (const [index, step] of experiment.faults.entries()) {
    steps.push(
      ...(await resolveStep(step, index + 1, { environment, platform, seed, taken: steps.map(({ target }) => target) })),
    );
  }
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
  };
  return { ...plan, hash: planHash(plan) };
}

/** sha256 of the canonical JSON of a plan without its hash. */
export function planHash(plan: Omit<Plan, 'hash'>): string {
  const { hash: _, ...rest } = plan as Plan;
  return hashOf(rest);
}

export function plannedEnvironment(environment: Environment): PlannedEnvironment {
  const { name, prometheusUrl, alertmanagerUrls, receiverUrl, archiveDirectory } = environment;
  const links = { name, prometheusUrl, alertmanagerUrls, receiverUrl, archiveDirectory };
  return environment.platform === 'host'
    ? { ...links, platform: 'host', stateDirectory: environment.stateDirectory }
    : { ...links, platform: 'kubernetes', cluster: environment.cluster };
}

function refuseTooLong({ name, holdSeconds }: Experiment, environment: Environment): void {
  const { maxHoldSeconds } = environment.policy;
  if (holdSeconds <= maxHoldSeconds) return;
  throw new AppError(
    'policy/denied',
    `experiment ${name} holds its faults for ${holdSeconds} s, and environment ${environment.name} allows ${maxHoldSeconds} s (policy.maxHold). Shorten hold`,
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
