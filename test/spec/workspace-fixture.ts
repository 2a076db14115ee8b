import { z } from 'zod';
import { faultRegistry } from '../../src/planning/fault-registry.ts';
import { validateFiles } from '../../src/planning/workspace.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { SpecFiles } from '../../src/ports/spec-files.ts';
import { formatProblem } from '../../src/spec/problem.ts';
import { duration } from '../../src/quantities.ts';

export const faults = faultRegistry([
  {
    name: 'network-latency',
    targets: ['link'],
    agents: ['host', 'node'],
    effect: 'held',
    params: z.strictObject({ delay: duration }),
  },
  { name: 'process-kill', targets: ['process'], agents: ['host'], effect: 'event', params: z.strictObject({}) },
  { name: 'node-stop', targets: ['node'], agents: ['cluster'], effect: 'held', params: z.strictObject({}) },
  { name: 'config-drift', targets: ['config'], agents: ['cluster'], effect: 'held', params: z.strictObject({}) },
  { name: 'pod-kill', targets: ['pod'], agents: ['cluster'], effect: 'event', params: z.strictObject({}) },
  { name: 'cpu-stress', targets: ['container'], agents: ['node'], effect: 'held', params: z.strictObject({}) },
  { name: 'scale', targets: ['workload'], agents: ['cluster'], effect: 'held', params: z.strictObject({}) },
]);

export const hypothesis = `apiVersion: firedrill.dev/v1
kind: Hypothesis
metadata: { name: payments-survive }
spec:
  statement: Customers still pay
  checks:
    - name: pays
      kind: hold
      http: { url: 'http://127.0.0.1:8080/health' }
      must: == 0
`;

export const experiment = `apiVersion: firedrill.dev/v1
kind: Experiment
metadata: { name: slow }
spec:
  hypotheses: [payments-survive]
  hold: 40s
  faults:
    - fault: network-latency
      target: { service: payments-api, to: fraud-detector }
      params: { delay: 800ms }
  abort:
    - probe:
        name: errors
        ratio: { bad: 'rate(bad[5s])', total: 'rate(all[5s])' }
        must: < 50%
`;

/** Files in memory, where they are also written; a directory is a prefix. */
export function filesOf(texts: Record<string, string>): SpecFiles {
  return {
    list: async (path) => Object.keys(texts).filter((file) => file === path || file.startsWith(`${path}/`)),
    async read(path) {
      const text = texts[path];
      if (text === undefined) throw new AppError('spec/not-found', `${path} is not there`);
      return text;
    },
    async write(path, text) {
      texts[path] = text;
    },
  };
}

/** Every problem of an experiment and a hypothesis, as people see them. */
export async function problemsOf(texts: { readonly experiment?: string; readonly hypothesis?: string }): Promise<string[]> {
  const files = filesOf({
    'experiments/slow.yaml': texts.experiment ?? experiment,
    'hypotheses/survive.yaml': texts.hypothesis ?? hypothesis,
  });
  return (await validateFiles([], { files, faults })).problems.map(formatProblem);
}
