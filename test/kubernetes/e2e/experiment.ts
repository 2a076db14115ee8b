import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** What differs between runs; the rest is as small and quick as it may be. */
export interface Drill {
  readonly name: string;
  readonly fault: string;
  readonly target: object;
  readonly params?: object;
  /** Longer than any test takes, by default: what ends a run is what its test does. */
  readonly hold?: string;
  readonly baseline?: string;
  readonly lease?: string;
  readonly stageHold?: string;
  readonly order?: 'in-turn';
  /** The slowest call that customers bear, in milliseconds: more aborts. */
  readonly bearable?: number;
}

/** A call of the shop's pods is slower than this only when it is made so, however busy the machine is. */
export const delayMs = 2_000;

/** The pods' calls to `callee` are slow. */
export const slowCalls = (changes: Partial<Drill> = {}): Drill => ({
  name: 'slow-calls',
  fault: 'network-latency',
  target: { service: 'web', to: 'callee', count: 1 },
  // Open connections cannot be turned to a relay, and these pods open one for each call.
  params: { delay: `${delayMs}ms`, connections: 'keep' },
  ...changes,
});

/** Writes the experiment, and a hypothesis that is asked of `url`. Returns the experiment's path. */
export function writeDrill(directory: string, url: string, drill: Drill): string {
  const { name, fault, target, params = {}, hold = '5m', baseline = '1s', lease = '10s' } = drill;
  // Longer than the interval of its probe: a sample that comes late is no stage without one.
  const { stageHold = '5s', order = 'together', bearable = 1e9 } = drill;
  const experiment = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Experiment',
    metadata: { name },
    spec: {
      hypotheses: ['shop-answers'],
      hold,
      stageHold,
      order,
      lease,
      baseline,
      recovery: { stable: '500ms', timeout: '20s' },
      grace: '0s',
      faults: [{ fault, target, params }],
      abort: [
        {
          probe: {
            name: 'calls',
            query: 'shop_call_ms',
            must: `< ${bearable}`,
            interval: '1s',
            timeout: '900ms',
            maxAge: '30s',
            breach: '2 of 2',
            // A busy machine makes Prometheus late: that is not what is tested here.
            holdAfter: '30s',
            abortAfter: '60s',
          },
        },
      ],
    },
  };
  const hypothesis = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Hypothesis',
    metadata: { name: 'shop-answers' },
    spec: {
      statement: 'The shop answers while it is broken',
      checks: [{ name: 'answers', kind: 'hold', http: { url }, must: '== 0', interval: '2s', timeout: '1900ms' }],
    },
  };
  for (const folder of ['hypotheses', 'experiments']) mkdirSync(join(directory, folder), { recursive: true });
  writeFileSync(join(directory, 'hypotheses', 'shop-answers.yaml'), stringify(hypothesis));
  const path = join(directory, 'experiments', `${name}.yaml`);
  writeFileSync(path, stringify(experiment));
  return path;
}
