export { runGameDay } from './run-game-day.ts';
export { runExperiment } from './run-experiment.ts';
