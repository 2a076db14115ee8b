import type { Figure } from '../harness/figure.ts';
import { startLatencyBench } from '../harness/latency-bench.ts';

export const revertNetworkLatency: Figure<'verified'> = {
  name: 'revert-network-latency',
  summary: 'six slowed links, from the command to revert to the last verified revert',
  platform: 'host',
  trials: 100,
  rows: {
    verified: {
      summary: 'the write that commands the revert begins → all six reverts can be read as verified',
      unit: 'ms',
      goal: { p99: 300 },
    },
  },
  async open() {
    const bench = await startLatencyBench();
    return {
      async run(ordinal) {
        const { revertMs } = await bench.run(`revert-${ordinal}`);
        return { verified: revertMs };
      },
      [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
    };
  },
};
