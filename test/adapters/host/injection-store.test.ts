import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { weAreRoot } from '../../../lab/host/unix-user.ts';
import { createInjectionStore } from '../../../src/adapters/host/injection-store.ts';
import { permitOf } from '../../agent/records.ts';
import { injectionStoreContract } from '../../contracts/injection-store.ts';
import { openDisk } from '../../e2e/full-disk.ts';

const directories = { spec: 'specs', status: 'status', permit: 'permits', confirmation: 'confirmed-injected' } as const;

injectionStoreContract(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'injection-store-'));
  return {
    open: () => createInjectionStore(folder),
    damage: (record, id) =>
      writeFile(record === 'halt' ? join(folder, 'halt.json') : join(folder, directories[record], `${id}.json`), '{'),
    close: () => rm(folder, { recursive: true }),
  };
});

test('a claim whose file cannot be understood is given to nobody', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'injection-store-'));
  const store = createInjectionStore(folder);
  await store.takeClaims('one', ['a']);
  const [file] = await readdir(join(folder, 'claims'));
  await writeFile(join(folder, 'claims', file ?? ''), '{');
  expect(await store.takeClaims('two', ['a'])).toMatchObject({ taken: false, holder: 'unknown' });
  await store.releaseClaims('two');
  expect((await store.takeClaims('three', ['a'])).taken).toBe(false);
  await rm(folder, { recursive: true });
});

/** Others than root cannot mount a disk to fill. */
const onFullDisk = weAreRoot() ? describe : describe.skip;

onFullDisk('on a full disk', () => {
  async function fullStore(use: (store: ReturnType<typeof createInjectionStore>, folder: string) => Promise<void>) {
    const folder = await mkdtemp(join(tmpdir(), 'injection-store-'));
    const disk = openDisk(folder);
    try {
      const store = createInjectionStore(folder);
      await store.writePermit(permitOf());
      disk.fill();
      await use(store, folder);
    } finally {
      disk.close();
      await rm(folder, { recursive: true });
    }
  }

  test('a revert can be commanded and a halt can be set', () =>
    fullStore(async (store) => {
      await store.writePermit(permitOf({ revert: true }));
      await store.writeHalt({ by: 'ann', why: 'drill', at: '2026-01-01T12:00:00.000Z' });
      expect(await store.readPermit('run-1')).toMatchObject({ revert: true });
      expect(await store.readHalt()).toMatchObject({ by: 'unknown' });
    }));

  test('a write that fails leaves nothing behind, however often it is tried', () =>
    fullStore(async (store, folder) => {
      await expect(store.writePermit(permitOf({ renewal: 2 }))).rejects.toMatchObject({ code: 'upstream/unreachable' });
      expect(await readdir(join(folder, 'permits'))).toEqual(['run-1.json']);
      expect(await store.readPermit('run-1')).toEqual(permitOf());
    }));
});
