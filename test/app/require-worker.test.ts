import { expect, test } from '@jest/globals';
import { requireWorker } from '../../src/app/require-worker.ts';

test('what nobody would take up is not started', async () => {
  await expect(requireWorker({ workers: async () => [] })).rejects.toMatchObject({
    code: 'worker/missing',
    message: expect.stringContaining('Start one with `firedrill worker`'),
  });
  await expect(requireWorker({ workers: async () => ['4711@host'] })).resolves.toBeUndefined();
});

test('a worker that is just being started is waited for', async () => {
  let looks = 0;
  await requireWorker({ workers: async () => (++looks < 3 ? [] : ['4711@host']) });
  expect(looks).toBe(3);
});
