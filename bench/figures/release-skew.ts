import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import type { Figure } from '../harness/figure.ts';
import { startLatencyBench } from '../harness/latency-bench.ts';
import { spreadOf } from '../harness/spread.ts';

export const releaseSkew: Figure<'injected' | 'verified'> = {
  name: 'release-skew',
  summary: 'six links released by one write: how far apart their delays begin, as the agent stamps it',
  platform: 'host',
  trials: 100,
  rows: {
    injected: { summary: 'the first to the last relay that has confirmed its delay', unit: 'ms', goal: { p99: 50 } },
    verified: {
      summary: 'the first to the last round trip that was seen slow, which is the skew that a report shows',
      unit: 'ms',
      goal: { p99: 50 },
    },
  },
  async open() {
    const bench = await startLatencyBench();
    return {
      async run(ordinal) {
        const { statuses } = await bench.run(`skew-${ordinal}`);
        return { injected: spread(statuses, 'activeAt'), verified: spread(statuses, 'verifiedAt') };
      },
      [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
    };
  },
};

function spread(statuses: readonly InjectionStatus[], stamp: 'activeAt' | 'verifiedAt'): number {
  return spreadOf(statuses.map((status) => Date.parse(status[stamp] ?? '')));
}
