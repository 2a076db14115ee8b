import { unansweredMetric } from './users.ts';

const apiVersion = 'firedrill.dev/v1';
export const service = 'replicas';

const probe = (must: string): object => ({ query: `max(${unansweredMetric})`, must, interval: '1s', timeout: '800ms' });

/** What people would write, in YAML, beside the experiments. */
export const hypothesis = {
  apiVersion,
  kind: 'Hypothesis',
  metadata: { name: 'all-replicas-answer' },
  spec: {
    statement: 'Every replica answers again after one was frozen',
    checks: [{ name: 'users', kind: 'recoverWithin', within: '30s', userJourney: true, ...probe('< 1') }],
  },
};

export interface ExperimentOptions {
  readonly name: string;
  readonly hold: string;
  readonly lease: string;
  /** How many replicas may be silent before the run is aborted, as a threshold: `< 1` is breached by the fault itself. */
  readonly abortUnless: string;
}

/** As it is written to its file. */
export interface ExperimentSpec {
  readonly metadata: { readonly name: string; readonly title: string };
  readonly [field: string]: unknown;
}

/** Every window is as short as it can be: what is timed is how it ends. */
function experimentWith(
  { name, hold, lease, abortUnless }: ExperimentOptions,
  { title, faults }: { readonly title: string; readonly faults: readonly object[] },
): ExperimentSpec {
  return {
    apiVersion,
    kind: 'Experiment',
    metadata: { name, title },
    spec: {
      hypotheses: [hypothesis.metadata.name],
      hold,
      lease,
      baseline: '1s',
      recovery: { stable: '1s', timeout: '30s' },
      grace: '0s',
      faults,
      abort: [{ probe: { name: 'silent-replicas', userJourney: true, breach: '1 of 1', ...probe(abortUnless) } }],
    },
  };
}

/** One of three replicas is frozen. */
export function freezeOneReplica(options: ExperimentOptions): ExperimentSpec {
  return experimentWith(options, {
    title: 'One of three replicas freezes',
    faults: [
      {
        fault: 'hook',
        target: { service, count: 1 },
        params: {
          inject: { command: ['kill', '-STOP', '{target.pid}'] },
          verify: { command: ['grep', '-q', '^State:.T', '/proc/{target.pid}/status'] },
          revert: { command: ['kill', '-CONT', '{target.pid}'] },
          verifyReverted: { command: ['grep', '-q', '^State:.[RSD]', '/proc/{target.pid}/status'] },
        },
      },
    ],
  });
}

/** All pods of a service reach what they call only after a second, which no user of the bench waits for. */
export function slowPods(options: ExperimentOptions & { readonly service: string; readonly to: string }): ExperimentSpec {
  return experimentWith(options, {
    title: 'Pods call slowly',
    faults: [
      {
        fault: 'network-latency',
        target: { service: options.service, to: options.to, count: 2 },
        params: { delay: '1s', probePath: '/health' },
      },
    ],
  });
}

/** A fault that a node's agent holds, and one that the cluster's agent holds. */
export function slowPodAndWrongConfig(
  options: ExperimentOptions & { readonly service: string; readonly to: string; readonly config: string; readonly key: string },
): ExperimentSpec {
  return experimentWith(options, {
    title: 'A pod calls slowly, and a setting is wrong',
    faults: [
      {
        fault: 'network-latency',
        target: { service: options.service, to: options.to, count: 1 },
        params: { delay: '100ms', engine: 'relay', connections: 'keep', probePath: '/health' },
      },
      {
        fault: 'config-drift',
        target: { service: options.service, config: options.config },
        params: { key: options.key, change: 'wrong' },
      },
    ],
  });
}
