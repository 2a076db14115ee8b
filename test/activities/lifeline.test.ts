import { afterEach, expect, test } from '@jest/globals';
import { startLifeline } from '../../src/activities/lifeline.ts';
import type { Lifeline, LifelineInput } from '../../src/activities/lifeline.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { until } from '../agent/until.ts';

let lifeline: Lifeline;
afterEach(() => lifeline.stop());

function start(beat: LifelineInput['beat'], clock = systemClock): { readonly acknowledged: () => number } {
  let acknowledged = 0;
  lifeline = startLifeline({ clock, everyMs: 1, beat, onAcknowledged: () => (acknowledged += 1) });
  return { acknowledged: () => acknowledged };
}

test('acknowledges once per beat that Temporal answered, and not once more after it has died', async () => {
  let alive = true;
  let refused = 0;
  let answered = 0;
  const counted = start(async () => {
    if (!alive) {
      refused += 1;
      throw new Error('UNAVAILABLE');
    }
    answered += 1;
    return { lost: null };
  });
  await until(counted.acknowledged, (times) => times >= 3);

  alive = false;
  await until(
    () => refused,
    (times) => times >= 3,
  );

  expect(counted.acknowledged()).toBe(answered);
});

test('takes no beat for acknowledged whose answer came after a long standstill', async () => {
  let monotonic = 0;
  let beats = 0;
  const counted = start(
    async () => {
      beats += 1;
      monotonic += 3001;
      return { lost: null };
    },
    { ...systemClock, monotonic: () => monotonic },
  );

  await until(
    () => beats,
    (times) => times >= 3,
  );

  expect(counted.acknowledged()).toBe(0);
});

test('is lost, and acknowledges nothing, when Temporal no longer knows the attempt', async () => {
  const counted = start(async () => ({ lost: 'taken over' }));

  expect(await lifeline.lost).toBe('taken over');
  expect(counted.acknowledged()).toBe(0);
});

test('acknowledges nothing once it was stopped', async () => {
  const answer = Promise.withResolvers<{ lost: null }>();
  const counted = start(() => answer.promise);

  lifeline.stop();
  answer.resolve({ lost: null });
  await answer.promise;
  await Promise.resolve();

  expect(counted.acknowledged()).toBe(0);
});
