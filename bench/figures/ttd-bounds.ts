import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../harness/figure.ts';
import { alertOf, startAlertStack } from '../stack/alert-stack.ts';
import type { AlertStack } from '../stack/alert-stack.ts';
import { measureDetection } from '../stack/measured-detection.ts';

const scrapeSeconds = 1;
const evaluationSeconds = 1;
/** Between two inputs on average: long enough for their alerts not to be one burst. */
const spreadMs = 600;
/** After an alert was seen firing, its sample is surely stored. */
const settleMs = 2 * evaluationSeconds * 1000;

type Row = 'miss' | 'width' | 'unsure';

/** The time to detect, measured from stored samples, against what was seen from outside: when the input was raised, and when its alert fired. */
export const ttdBounds: Figure<Row> = {
  name: 'ttd-bounds',
  summary: 'a rule per trial, its input raised at a known moment, scrape and evaluation every second, `for` from 0 to 3 s',
  platform: 'host',
  trials: 50,
  rows: {
    miss: { summary: 'how far the true time to detect surely lies outside the measured bounds', unit: 'ms', goal: { max: 0 } },
    width: { summary: 'between the bounds', unit: 's', goal: { median: scrapeSeconds + evaluationSeconds } },
    unsure: { summary: 'how well the bench knows the true time to detect', unit: 'ms' },
  },
  async open({ trials, say }) {
    const stack = await startAlertStack(trials, say);
    // All at random moments of the same stretch of time: the trials take as long as one of them, and a little.
    const measured = Array.from({ length: trials }, (_, input) => measureOne(stack, input, Math.random() * trials * spreadMs));
    // A trial that fails is told when its turn comes.
    for (const one of measured) one.catch(() => {});
    return {
      run: (ordinal) => measured[ordinal - 1]!,
      async [Symbol.asyncDispose]() {
        await Promise.allSettled(measured);
        await stack[Symbol.asyncDispose]();
      },
    };
  },
};

async function measureOne(stack: AlertStack, input: number, waitMs: number): Promise<Record<Row, number>> {
  await sleep(waitMs);
  const raisedAt = stack.raise(input);
  const seen = await stack.truth.firing(alertOf(input));
  await sleep(settleMs);
  const alertname = alertOf(input);
  const fault = { name: `input-${input}`, at: raisedAt, alertname };
  const { status, lo, hi, note } = await measureDetection(stack, fault, stack.told(alertname));
  if (status !== 'measured' || lo === null || hi === null)
    throw new Error(`input ${input}: the time to detect is ${status}: ${note}`);
  const [after, before] = [seen.after - raisedAt, seen.before - raisedAt];
  return { miss: Math.max(0, lo * 1000 - before, after - hi * 1000), width: hi - lo, unsure: before - after };
}
