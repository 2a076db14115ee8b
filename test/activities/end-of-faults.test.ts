import { beforeEach, expect, test } from '@jest/globals';
import { createEndOfFaults } from '../../src/activities/end-of-faults.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { specOf } from '../agent/records.ts';

const spec = specOf();
const status: InjectionStatus = { schemaVersion: 1, id: spec.id, runId: spec.runId, phase: 'reverting' };
let now: number;
let told: string[];
let answer: () => InjectionStatus;

beforeEach(() => {
  now = Date.parse('2026-01-01T10:00:00.000Z');
  told = [];
  answer = () => status;
});

const endOfFaults = () =>
  createEndOfFaults({ readStatuses: async () => [answer()] } as Partial<InjectionStore> as InjectionStore, [spec], {
    clock: { now: () => now, monotonic: () => now },
    recorder: { event: ({ kind, text }) => told.push(`${kind}: ${text}`) },
  });

const unreachable = (): never => {
  throw new AppError('upstream/unreachable', 'no answer in 1000 ms');
};

test('the end of the faults is seen when every record says so', async () => {
  const look = endOfFaults();
  expect(await look()).toBeNull();
  answer = () => ({ ...status, phase: 'reverted' });
  expect(await look()).toEqual({ at: now, notBefore: null });
  expect(told).toEqual([]);
});

test('records that cannot be read are looked for on, and it is said for how long nobody saw', async () => {
  const look = endOfFaults();
  await look();
  const lastSeen = now;
  answer = unreachable;
  for (let tries = 0; tries < 3; tries += 1) {
    now += 10_000;
    expect(await look()).toBeNull();
  }
  now += 1_000;
  answer = () => ({ ...status, phase: 'reverted' });
  expect(await look()).toEqual({ at: now, notBefore: new Date(lastSeen).toISOString() });
  expect(told).toEqual([
    'run.records-unread: recovery is looked for blindly, the records cannot be read: no answer in 1000 ms',
    'run.records-back: the records are read again, after 21 s',
  ]);
});

test('what no waiting mends is not waited for', async () => {
  answer = () => {
    throw new AppError('cluster/forbidden', 'may not read injections');
  };
  await expect(endOfFaults()()).rejects.toThrow('may not read injections');
});
