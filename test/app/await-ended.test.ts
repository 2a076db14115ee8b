import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { awaitEnded } from '../../src/app/await-ended.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { specOf } from '../agent/records.ts';

const spec = specOf();
let folder: string;
let store: InjectionStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'await-ended-'));
  store = createInjectionStore(folder);
});

afterEach(() => rmSync(folder, { recursive: true }));

const status = (changes: Partial<InjectionStatus>): InjectionStatus => ({
  schemaVersion: 1,
  id: spec.id,
  runId: spec.runId,
  phase: 'reverted',
  revertVerifiedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});

test('a run whose every revert was read back is clean, and so is one that injected nothing', async () => {
  expect(await awaitEnded(store, spec.runId, 0)).toBe('clean');
  await store.writeSpec(spec);
  const ended = awaitEnded(store, spec.runId, 5_000);
  await store.writeStatus(status({}));
  expect(await ended).toBe('clean');
});

test('a run is dirty while nobody has answered for it, holds a fault, or cannot be read', async () => {
  await store.writeSpec(spec);
  expect(await awaitEnded(store, spec.runId, 0)).toBe('dirty');
  await store.writeStatus(status({ phase: 'active' }));
  expect(await awaitEnded(store, spec.runId, 0)).toBe('dirty');
  writeFileSync(join(folder, 'status', `${spec.id}.json`), '{');
  expect(await awaitEnded(store, spec.runId, 0)).toBe('dirty');
});

test('a damaged spec is answered for by the status that stands beside it', async () => {
  await store.writeSpec(spec);
  writeFileSync(join(folder, 'specs', `${spec.id}.json`), '{');
  expect(await awaitEnded(store, spec.runId, 0)).toBe('dirty');
  await store.writeStatus(status({}));
  expect(await awaitEnded(store, spec.runId, 0)).toBe('clean');
});
