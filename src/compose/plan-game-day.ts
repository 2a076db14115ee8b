import { resolve } from 'node:path';
import { specFiles } from '../adapters/host/spec-files.ts';
import { AppError } from '../domain/errors.ts';
import type { GameDayPlan } from '../domain/game-day/plan.ts';
import { faults } from '../faults/index.ts';
import { createGameDayPlan } from '../planning/create-game-day-plan.ts';
import { faultRegistry } from '../planning/fault-registry.ts';
import { loadWorkspace, refuseProblems, workspaceDirectories } from '../planning/workspace.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';

/** From a game day's file, with the experiments beside it, to its plan in an environment. */
export async function planGameDay(
  file: string,
  options: { readonly environment: Environment; readonly platform: Platform; readonly seed: number | undefined },
): Promise<GameDayPlan> {
  const registry = faultRegistry(faults);
  const workspace = await loadWorkspace([file, ...workspaceDirectories], { files: specFiles, faults: registry });
  const named = workspace.specs.find((entry) => resolve(entry.file) === resolve(file));
  refuseProblems(workspace.problems);
  if (named?.spec.kind !== 'GameDay') {
    throw new AppError(
      'spec/not-found',
      `${file} is not a game day. Give a file of kind GameDay; \`firedrill validate\` lists what is here`,
    );
  }
  return createGameDayPlan(named.spec, {
    environment: options.environment,
    workspace,
    platform: options.platform,
    faults: registry,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
  });
}
