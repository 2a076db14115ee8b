import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createInjectionStore } from '../../../src/adapters/host/injection-store.ts';
import type { Phase } from '../../../src/domain/injection/records.ts';
import type { InjectionStore } from '../../../src/ports/injections.ts';

let folder: string;
let store: InjectionStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claims-'));
  store = createInjectionStore(folder);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hold = async (id: string, phase: Phase): Promise<void> => {
  await store.takeClaims(id, ['link:a']);
  await store.writeStatus({ schemaVersion: 1, id, runId: 'run-1', phase });
};

describe('a claim', () => {
  test('is refused at once, with the name of its holder, while that is at work', async () => {
    await hold('run-1-1-1', 'active');
    expect(await store.takeClaims('run-2-1-1', ['link:b', 'link:a'])).toEqual({
      taken: false,
      claim: 'link:a',
      holder: 'run-1-1-1',
    });
    // All or none: what was free stays free.
    expect(await store.takeClaims('run-3-1-1', ['link:b'])).toEqual({ taken: true });
  });

  test('of a holder that has ended is waited for until it is given back', async () => {
    await hold('run-1-1-1', 'reverted');
    const next = store.takeClaims('run-2-1-1', ['link:a']);
    // By then the first look was taken.
    for (let other = 0; other < 10; other += 1) await store.takeClaims('run-3-1-1', [`link:${other}`]);
    await store.releaseClaims('run-1-1-1');
    expect(await next).toEqual({ taken: true });
  });

  test('always has one holder or can be taken, however often it changes hands at the same time', async () => {
    const turns = async (id: string): Promise<string[]> => {
      const refusals: string[] = [];
      for (let turn = 0; turn < 30; turn += 1) {
        const taken = await store.takeClaims(id, ['link:a']);
        if (taken.taken) await store.releaseClaims(id);
        else refusals.push(taken.holder);
      }
      return refusals;
    };
    const refusals = await Promise.all([turns('run-1-1-1'), turns('run-2-1-1')]);
    expect(refusals.flat().filter((holder) => holder === 'unknown')).toEqual([]);
  });
});
