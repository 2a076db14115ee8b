import { expect, test } from '@jest/globals';
import { createTakeUps } from '../../src/agent/take-ups.ts';

test('hundreds are taken up a few at a time, each once, in the order in which they came', async () => {
  const order: string[] = [];
  let running = 0;
  let most = 0;
  const takeUps = createTakeUps(async (id) => {
    order.push(id);
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  });
  const ids = Array.from({ length: 300 }, (_, index) => `i${index}`);
  takeUps.add(ids.slice(0, 200));
  takeUps.add(ids.slice(200));
  expect([takeUps.has('i0'), takeUps.has('i299'), takeUps.size()]).toEqual([true, true, 300]);
  await takeUps.tried();
  expect(order).toEqual(ids);
  expect(most).toBe(16);
  expect([takeUps.has('i0'), takeUps.size()]).toEqual([false, 0]);
});
