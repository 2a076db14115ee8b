import type { Discovery } from './discovery.ts';
import { draftEnvironment, draftPolicy } from './draft-environment.ts';
import { draftExperiment } from './draft-experiment.ts';
import { draftHypothesis } from './draft-hypothesis.ts';
import { environmentPath, namesFor, policyPath } from './draft-names.ts';
import { draftSlo } from './draft-slo.ts';

/** One file to be written, relative to the workspace. */
export interface Draft {
  readonly path: string;
  readonly text: string;
}

/** The files for a service that was found; the environment and the agent's policy only when there is no environment yet. */
export function draftFiles(found: Discovery, { withEnvironment }: { readonly withEnvironment: boolean }): readonly Draft[] {
  const names = namesFor(found.service);
  const slo = draftSlo(found, names);
  const environment = withEnvironment
    ? [
        { path: environmentPath, text: draftEnvironment(found, names) },
        { path: policyPath, text: draftPolicy(names) },
      ]
    : [];
  return [
    ...environment,
    { path: `hypotheses/${names.hypothesis}.yaml`, text: draftHypothesis(found, names, slo !== null) },
    ...(slo === null ? [] : [{ path: `slos/${names.slo}.yaml`, text: slo }]),
    { path: `experiments/${names.experiment}.yaml`, text: draftExperiment(found, names) },
  ];
}
