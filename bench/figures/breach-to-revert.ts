import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRecord } from '../../src/domain/run-record.ts';
import type { Figure } from '../harness/figure.ts';
import { revertVerifiedAt } from '../stack/drill.ts';
import { startDrillStack } from '../stack/drill-stack.ts';

const intervalMs = 1000;

/**
 * Whole runs that the watcher aborts: users no longer reach a frozen replica, one bad sample is a breach, and the revert is
 * commanded and verified. Counted from the scrape that first shows it, or from the answer that the probe read it in.
 */
export const breachToRevert: Figure<'commanded' | 'answerToCommanded' | 'verified'> = {
  name: 'breach-to-revert',
  summary: 'one of three replicas frozen by hook, scrape and probe every second, 1 of 1 bad samples is a breach',
  platform: 'host',
  trials: 30,
  rows: {
    commanded: {
      summary: 'the scrape that makes the deciding bad sample visible, to the durable command to revert',
      unit: 'ms',
      goal: { median: intervalMs / 2 + 100 },
    },
    answerToCommanded: {
      summary: 'the answer that the probe read it in, to the durable command to revert',
      unit: 'ms',
      goal: { p99: 100 },
    },
    verified: {
      summary: 'the scrape that makes the deciding bad sample visible, to the verified revert',
      unit: 's',
      goal: { median: 0.75, max: 1.5 },
    },
  },
  async open({ say }) {
    const experiment = { name: 'freeze-until-breach', hold: '20s', lease: '15s', abortUnless: '< 1' };
    const stack = await startDrillStack(experiment, say);
    return {
      async run() {
        // Scrapes and probe samples both come once a second: a run must not begin at the same point between two of them.
        await sleep(Math.random() * intervalMs);
        stack.users.forget();
        const drill = await stack.drills.start();
        const reverted = revertVerifiedAt((await drill.injections(({ phase }) => phase === 'reverted'))[0]!);
        const visible = stack.users.badScrapeServedAt();
        const record = await drill.ended();
        if (visible === null || record.outcome.abortedBy?.kind !== 'probe' || record.outcome.cleanup !== 'clean') {
          throw new Error(`run ${drill.runId} was not ended by its probe, or is not clean: ${record.outcome.reason}`);
        }
        const commanded = timeOf(record, 'run.revert-commanded');
        return {
          commanded: commanded - visible,
          answerToCommanded: commanded - timeOf(record, 'probe.breach'),
          verified: (reverted - visible) / 1000,
        };
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  },
};

function timeOf(record: RunRecord, kind: string): number {
  const event = record.timeline.find((candidate) => candidate.kind === kind);
  if (event === undefined) throw new Error(`run ${record.run.id} has no ${kind} in its timeline`);
  return Date.parse(event.at);
}
