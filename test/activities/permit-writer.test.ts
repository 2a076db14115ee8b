import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openPermit } from '../../src/activities/permit-writer.ts';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';

let folder: string;
let store: InjectionStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'permit-writer-'));
  store = createInjectionStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a watcher that starts again and again renews nothing by starting', async () => {
  const first = await openPermit(store, 'run-1');
  await first.begin();
  expect(first.isReleased(1)).toBe(false);
  await first.release(1);
  const written = await store.readPermit('run-1');
  expect(written).toMatchObject({ generation: 1, releasedStage: 1 });

  const second = await openPermit(store, 'run-1');
  await second.begin();
  expect([second.isReleased(1), second.isReleased(2)]).toEqual([true, false]);
  expect(await store.readPermit('run-1')).toEqual(written);
});

test('a stage that is taken back takes those after it along, and a release of before does not bring it back', async () => {
  const first = await openPermit(store, 'run-1');
  await first.begin();
  await first.release(3);
  await first.withdraw(2);
  expect(await store.readPermit('run-1')).toMatchObject({ releasedStage: 1, revert: false });
  expect([first.isReleased(1), first.isReleased(2)]).toEqual([true, false]);
  await first.withdraw(3);
  expect(await store.readPermit('run-1')).toMatchObject({ releasedStage: 1 });
});

test('a watcher that was replaced takes back no revert', async () => {
  const first = await openPermit(store, 'run-1');
  await first.begin();
  await (await openPermit(store, 'run-1')).revert();
  await first.release(1);
  await first.renew();
  expect(await store.readPermit('run-1')).toMatchObject({ revert: true });
});
