import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import { specFiles } from '../adapters/host/spec-files.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { faults } from '../faults/index.ts';
import { createPlan } from '../planning/create-plan.ts';
import { faultRegistry } from '../planning/fault-registry.ts';
import { asideText, readSpec } from '../planning/read-spec.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';

export interface PlanOptions {
  readonly environment: Environment;
  readonly platform: Platform;
  readonly seed: number | undefined;
  /** Told what is wrong beside the plan, and is no reason to refuse it. */
  readonly warn: (text: string) => void;
}

/** From an experiment's file, with the hypotheses and SLOs of its workspace, to its plan in an environment. */
export async function planExperiment(file: string, options: PlanOptions): Promise<Plan> {
  const registry = faultRegistry(faults);
  const deps = { files: specFiles, faults: registry };
  const { spec, workspace, aside } = await readSpec(file, { kind: 'Experiment', what: 'an experiment' }, deps);
  const warning = asideText(aside);
  if (warning !== null) options.warn(warning);
  return createPlan({
    experiment: spec,
    environment: options.environment,
    workspace,
    platform: options.platform,
    faults: registry,
    metrics: createPrometheus({ url: options.environment.prometheusUrl }),
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
  });
}
