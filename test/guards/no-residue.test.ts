import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { noResidue } from '../../src/guards/no-residue.ts';
import type { GuardContext } from '../../src/guards/guard.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { specOf } from '../agent/records.ts';
import { planOf } from '../report/fixtures/plan.ts';

let folder: string;
let store: InjectionStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residue-'));
  store = createInjectionStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const check = async () => (await noResidue.check({ store, plan: planOf() } as GuardContext)).result;
const status = (phase: InjectionStatus['phase']): InjectionStatus => ({
  schemaVersion: 1,
  id: 'run-1-1-1',
  runId: 'run-1',
  phase,
});

describe('earlier injections', () => {
  test.each(['reverted', 'spent', 'lifted', 'refused'] as const)('that are %s block nothing', async (phase) => {
    await store.writeSpec(specOf());
    await store.writeStatus(status(phase));
    expect(await check()).toBe('ok');
  });

  test.each(['arming', 'armed', 'activating', 'active', 'reverting', 'stuck'] as const)('that are %s block', async (phase) => {
    await store.writeSpec(specOf());
    await store.writeStatus(status(phase));
    expect(await check()).toBe('blocked');
  });

  test('that no agent has answered for block', async () => {
    await store.writeSpec(specOf());
    expect(await check()).toBe('blocked');
  });

  test('that are stuck block, even when their spec is gone', async () => {
    await store.writeStatus(status('stuck'));
    expect(await check()).toBe('blocked');
  });

  test.each(['specs', 'status'])('whose record in %s is damaged block', async (directory) => {
    writeFileSync(join(folder, directory, 'run-1-1-1.json'), '{');
    expect(await check()).toBe('blocked');
  });
});
