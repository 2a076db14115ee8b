export { runExperiment } from './run-experiment.ts';
