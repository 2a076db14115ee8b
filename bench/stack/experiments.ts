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

export interface FreezeOptions {
  readonly name: string;
  readonly hold: string;
  readonly lease: string;
  /** How many replicas may be silent before the run is aborted, as a threshold: `< 1` is breached by the fault itself. */
  readonly abortUnless: string;
}

/** One of three replicas is frozen. Every window is as short as it can be: what is timed is how it ends. */
export function freezeOneReplica({ name, hold, lease, abortUnless }: FreezeOptions): object {
  return {
    apiVersion,
    kind: 'Experiment',
    metadata: { name, title: 'One of three replicas freezes' },
    spec: {
      hypotheses: [hypothesis.metadata.name],
      hold,
      lease,
      baseline: '1s',
      recovery: { stable: '1s', timeout: '30s' },
      grace: '0s',
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
      abort: [{ probe: { name: 'silent-replicas', userJourney: true, breach: '1 of 1', ...probe(abortUnless) } }],
    },
  };
}
