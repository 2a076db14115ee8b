import type { Plan } from '../../src/domain/plan/plan.ts';
import type { Figure } from '../harness/figure.ts';
import { startSimulatedRuns } from '../harness/simulated-runs.ts';

export const historyByHold: Figure<'1 min' | '10 min' | 'difference'> = {
  name: 'history-by-hold',
  summary: "events in a run's history after a hold of 1 and of 10 minutes; time is simulated, the workflow is the real one",
  platform: 'host',
  trials: 1,
  rows: {
    '1 min': { summary: 'events after a hold of 1 minute', unit: 'events' },
    '10 min': { summary: 'events after a hold of 10 minutes', unit: 'events' },
    difference: { summary: 'between the two', unit: 'events', goal: { max: 0 } },
  },
  async open({ say }) {
    const runs = await startSimulatedRuns(say);
    return {
      async run(ordinal) {
        const short = await runs.eventsOf(`hold-1-min-${ordinal}`, planWith(60));
        const long = await runs.eventsOf(`hold-10-min-${ordinal}`, planWith(600));
        return { '1 min': short, '10 min': long, difference: Math.abs(long - short) };
      },
      [Symbol.asyncDispose]: () => runs[Symbol.asyncDispose](),
    };
  },
};

/** One fault on one target. The activities touch nothing, so addresses lead nowhere. */
function planWith(holdSeconds: number): Plan {
  return {
    schemaVersion: 1,
    experiment: { name: 'bench', title: 'History by hold' },
    environment: {
      name: 'bench',
      platform: 'host',
      prometheusUrl: 'http://127.0.0.1:1',
      alertmanagerUrls: [],
      receiverUrl: null,
      stateDirectory: '/nowhere',
      archiveDirectory: '/nowhere',
    },
    scope: { in: ['service'], out: [] },
    seed: 1,
    steps: [
      {
        step: 1,
        ordinal: 1,
        stage: 1,
        fault: 'hook',
        params: {},
        target: { kind: 'service', service: 'service', name: 'service', uid: 'service', locator: {} },
        selection: { selected: 1, of: 1, percent: 100, rule: '1 of 1' },
      },
    ],
    holdSeconds,
    leaseSeconds: 15,
    baselineSeconds: 10,
    recovery: { stableSeconds: 10, timeoutSeconds: 120 },
    graceSeconds: 10,
    hypotheses: [],
    probes: [],
    expectedAlerts: [],
    hash: '',
  };
}
