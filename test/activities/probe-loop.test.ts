import { afterEach, expect, test } from '@jest/globals';
import { startProbeLoop } from '../../src/activities/probe-loop.ts';
import type { ProbeLoop } from '../../src/activities/probe-loop.ts';
import type { Reading } from '../../src/domain/measure/sample.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { probeLike } from '../domain/measure/samples.ts';
import { eventually } from '../lab/eventually.ts';

const probe = probeLike({ intervalSeconds: 0.02, timeoutSeconds: 0.01 });
const unseen: Reading = { value: null, sourceAt: null, events: null, problem: { class: 'error', note: 'nobody answers' } };
let loop: ProbeLoop;

afterEach(() => loop.stop());

function start(read: () => Promise<Reading>): { readonly classes: string[] } {
  const classes: string[] = [];
  loop = startProbeLoop({
    probes: [probe],
    clock: systemClock,
    read,
    onSample: (_probe, sample) => classes.push(sample.class),
  });
  return { classes };
}

test('a probe that cannot see is still being judged', async () => {
  const { classes } = start(() => Promise.resolve(unseen));
  await eventually(() => expect(classes.length).toBeGreaterThan(20));
  expect(new Set(classes)).toEqual(new Set(['error']));
  // It has been blind for the 20 intervals that these samples took.
  await eventually(() => expect(loop.sinceJudged(probe)).toBeLessThan(10 * probe.intervalSeconds * 1000));
});

test('a probe whose question never ends is not judged, and is not asked twice at once', async () => {
  let asked = 0;
  start(() => {
    asked += 1;
    return new Promise(() => {});
  });
  await eventually(() => expect(loop.sinceJudged(probe)).toBeGreaterThan(200));
  expect(asked).toBe(1);
});
