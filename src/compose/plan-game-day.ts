import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import { specFiles } from '../adapters/host/spec-files.ts';
import type { GameDayPlan } from '../domain/game-day/plan.ts';
import { faults } from '../faults/index.ts';
import { createGameDayPlan } from '../planning/create-game-day-plan.ts';
import { faultRegistry } from '../planning/fault-registry.ts';
import { asideText, readSpec } from '../planning/read-spec.ts';
import type { PlanOptions } from './plan-experiment.ts';

/** From a game day's file, with the experiments of its workspace, to its plan in an environment. */
export async function planGameDay(file: string, options: PlanOptions): Promise<GameDayPlan> {
  const registry = faultRegistry(faults);
  const deps = { files: specFiles, faults: registry };
  const { spec, workspace, aside } = await readSpec(file, { kind: 'GameDay', what: 'a game day' }, deps);
  const warning = asideText(aside);
  if (warning !== null) options.warn(warning);
  return createGameDayPlan(spec, {
    environment: options.environment,
    workspace,
    platform: options.platform,
    faults: registry,
    metrics: createPrometheus({ url: options.environment.prometheusUrl }),
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
  });
}
