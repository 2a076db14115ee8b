import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createStatusWriter } from '../../src/agent/status-writer.ts';
import type { InjectionStatus, Phase } from '../../src/domain/injection/records.ts';
import { agentDependencies } from './dependencies.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-status-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const is = (phase: Phase): InjectionStatus => ({ schemaVersion: 1, id: 'run-1-1-1', runId: 'run-1', phase });

/** A writer, and every phase that was stored, in order. */
function begin() {
  const deps = agentDependencies(folder, []);
  const stored: Phase[] = [];
  const store = {
    ...deps.store,
    async writeStatus(status: InjectionStatus) {
      stored.push(status.phase);
      await deps.store.writeStatus(status);
    },
  };
  return { writer: createStatusWriter({ ...deps, store }), stored };
}

test('a status gives way to what changes the target, and the newest is stored right after it', async () => {
  const { writer, stored } = begin();
  const change = Promise.withResolvers<void>();
  writer.giveWayTo(change.promise);
  writer.write(is('activating'));
  await new Promise(setImmediate);
  expect(stored).toEqual([]);
  writer.write(is('active'));
  change.resolve();
  await writer.written();
  expect(stored).toEqual(['active']);
});

test('a status gives way to what follows on a change at once too, and the newest is stored right after that', async () => {
  const { writer, stored } = begin();
  const change = Promise.withResolvers<void>();
  const look = Promise.withResolvers<void>();
  // The look begins when the change has ended, before anybody else hears of that end.
  const ended = change.promise.then(() => {
    writer.write(is('active'));
    writer.giveWayTo(look.promise);
  });
  writer.giveWayTo(change.promise);
  writer.write(is('activating'));
  change.resolve();
  await ended;
  await new Promise(setImmediate);
  expect(stored).toEqual([]);
  look.resolve();
  await writer.written();
  expect(stored).toEqual(['active']);
});

test('a change that fails, or that takes its time, keeps no status back', async () => {
  const { writer, stored } = begin();
  writer.giveWayTo(Promise.reject(new Error('it failed')));
  writer.write(is('reverting'));
  await writer.written();
  writer.giveWayTo(new Promise(() => {}));
  writer.write(is('stuck'));
  await writer.written();
  expect(stored).toEqual(['reverting', 'stuck']);
});
