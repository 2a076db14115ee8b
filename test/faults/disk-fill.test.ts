import { mkdir, mkdtemp, readdir, realpath, rename, rm, statfs, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { diskFill } from '../../src/faults/disk-fill.ts';
import type { AgentPolicy } from '../../src/faults/fault.ts';
import type { NodeTools } from '../../src/faults/node-tools.ts';
import { directoryNow } from '../../src/faults/shared/pod-volume.ts';
import type { PodVolume } from '../../src/faults/shared/pod-volume.ts';
import { allocateFile } from '../../src/adapters/host/files.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { mountVolume, volumeBytes, type TestVolume } from './subjects/volume.ts';
import { until } from './until.ts';

const mebibyte = 2 ** 20;
const policyFor = (path: string, floorBytes = 4 * mebibyte): Partial<AgentPolicy> => ({
  diskFill: { allowPaths: [path], floorBytes },
});
const freeOf = async (path: string): Promise<number> => {
  const space = await statfs(path);
  return space.bavail * space.bsize;
};
// Mounting needs root; without it the rest still runs, on a directory.
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('disk-fill on a volume of its own', () => {
  faultContract('disk-fill', async () => {
    const volume = await mountVolume();
    return {
      target: volume.target,
      params: { freePercent: '15%' },
      policy: policyFor(volume.path),
      broken: async () => (await freeOf(volume.path)) <= 0.15 * volumeBytes,
      dispose: volume.dispose,
    };
  });

  let volume: TestVolume;
  beforeEach(async () => {
    volume = await mountVolume();
  });
  afterEach(() => volume.dispose());

  test('it leaves just the share that was asked for, and only its own file is removed', async () => {
    await writeFile(join(volume.path, 'theirs'), Buffer.alloc(5 * mebibyte));
    const context = createContext('fill-1-1', policyFor(volume.path));
    const params = diskFill.params.parse({ freePercent: '25%' });
    const undo = await diskFill.prepare(context, volume.target, params);
    await diskFill.inject(context, volume.target, params, undo);
    expect((await freeOf(volume.path)) / volumeBytes).toBeCloseTo(0.25, 3);
    expect((await readdir(volume.path)).sort()).toEqual(['.firedrill-fill-1-1', 'theirs']);
    await diskFill.revert(context, volume.target, undo);
    expect(await readdir(volume.path)).toEqual(['theirs']);
  });

  test('a share is of what is there when it begins, whatever was written since it was planned', async () => {
    const context = createContext('since-1-1', policyFor(volume.path, 0));
    const params = diskFill.params.parse({ freePercent: '0%' });
    const undo = await diskFill.prepare(context, volume.target, params);
    await writeFile(join(volume.path, 'theirs'), Buffer.alloc(5 * mebibyte));
    await diskFill.inject(context, volume.target, params, undo);
    expect(await freeOf(volume.path)).toBe(0);
    await expect(writeFile(join(volume.path, 'more'), 'x')).rejects.toMatchObject({ code: 'ENOSPC' });
    await diskFill.revert(context, volume.target, undo);
    await writeFile(join(volume.path, 'more'), 'x');
  });

  test('a size that is not free any more is refused when it begins', async () => {
    const context = createContext('lost-1-1', policyFor(volume.path));
    const params = diskFill.params.parse({ bytes: '50MiB' });
    const undo = await diskFill.prepare(context, volume.target, params);
    await writeFile(join(volume.path, 'theirs'), Buffer.alloc(20 * mebibyte));
    await expect(diskFill.inject(context, volume.target, params, undo)).rejects.toThrow(/has lost space/);
    await diskFill.revert(context, volume.target, undo);
    expect(await readdir(volume.path)).toEqual(['theirs']);
  });

  test('without fallocate it writes real blocks', async () => {
    const context = createContext('write-1-1', policyFor(volume.path));
    const allocate = (path: string, bytes: number, signal: AbortSignal) => allocateFile(path, bytes, signal, ['false']);
    const writing = { ...context, host: { ...context.host, files: { ...context.host.files, allocate } } };
    const params = diskFill.params.parse({ bytes: '10MiB' });
    const undo = await diskFill.prepare(writing, volume.target, params);
    await diskFill.inject(writing, volume.target, params, undo);
    expect(await freeOf(volume.path)).toBeLessThanOrEqual(54 * mebibyte);
    await diskFill.revert(writing, volume.target, undo);
  });

  test('the file gives way when others write, so that the floor is kept', async () => {
    const context = createContext('floor-1-1', policyFor(volume.path, 8 * mebibyte));
    const params = diskFill.params.parse({ bytes: '50MiB' });
    const undo = await diskFill.prepare(context, volume.target, params);
    await diskFill.inject(context, volume.target, params, undo);
    await writeFile(join(volume.path, 'theirs'), Buffer.alloc(10 * mebibyte));
    await until('the floor is free again', async () => (await freeOf(volume.path)) >= 8 * mebibyte, 1000);
    expect((await diskFill.verify(context, volume.target, params, undo)).present).toBe(true);
    await diskFill.revert(context, volume.target, undo);
  });

  test.each([{ freePercent: '5%' }, { bytes: '60MiB' }])('what would go past the floor is refused: %j', async (written) => {
    const context = createContext('past-1-1', policyFor(volume.path, 8 * mebibyte));
    await expect(diskFill.prepare(context, volume.target, diskFill.params.parse(written))).rejects.toMatchObject({
      code: 'policy/denied',
    });
  });

  test('a volume that is fuller than asked already is refused', async () => {
    await writeFile(join(volume.path, 'theirs'), Buffer.alloc(40 * mebibyte));
    const context = createContext('full-1-1', policyFor(volume.path));
    await expect(diskFill.prepare(context, volume.target, diskFill.params.parse({ freePercent: '50%' }))).rejects.toMatchObject({
      code: 'target/none',
    });
  });

  test('a responder who empties our file is not undone', async () => {
    const context = createContext('emptied-1-1', policyFor(volume.path));
    const params = diskFill.params.parse({ bytes: '10MiB' });
    const undo = await diskFill.prepare(context, volume.target, params);
    await diskFill.inject(context, volume.target, params, undo);
    await truncate(join(volume.path, '.firedrill-emptied-1-1'), 0);
    expect((await diskFill.verify(context, volume.target, params, undo)).present).toBe(false);
    await diskFill.revert(context, volume.target, undo);
  });
});

describe('disk-fill', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'firedrill-fill-')));
  });
  afterEach(() => rm(directory, { recursive: true }));
  const params = diskFill.params.parse({ bytes: '1MiB' });
  const targetAt = (path: string) =>
    ({ kind: 'volume', service: 'audit', name: 'journal', uid: path, locator: { path } }) as const;

  test('a path that the policy does not allow is refused', async () => {
    const context = createContext('denied-1-1', policyFor(join(directory, 'allowed')));
    await expect(diskFill.prepare(context, targetAt(directory), params)).rejects.toMatchObject({ code: 'policy/denied' });
  });

  test('a link that leads out of an allowed path is refused', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'firedrill-outside-'));
    await symlink(outside, join(directory, 'link'));
    const context = createContext('link-1-1', policyFor(directory));
    await expect(diskFill.prepare(context, targetAt(join(directory, 'link')), params)).rejects.toThrow(/allowPaths/);
    await rm(outside, { recursive: true });
  });

  test('the root file system is refused unless the experiment names it', async () => {
    const context = createContext('root-1-1', policyFor('/'));
    await expect(diskFill.prepare(context, targetAt('/'), params)).rejects.toThrow(/root file system/);
  });

  test.each([{}, { freePercent: '10%', bytes: '1MiB' }, { bytes: '1' }, { freePercent: '110%' }])('%j is refused', (written) => {
    expect(diskFill.params.safeParse(written).success).toBe(false);
  });
});

describe('disk-fill where a directory has become a link since it was planned', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'linked-')));
    await mkdir(join(folder, 'volume'));
    await mkdir(join(folder, 'elsewhere'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const becomeLink = async (): Promise<void> => {
    await rename(join(folder, 'volume'), join(folder, 'moved'));
    await symlink(join(folder, 'elsewhere'), join(folder, 'volume'));
  };

  test('nothing is written through it, and nothing is called reverted there', async () => {
    const target = { kind: 'volume', service: 's', name: 'v', uid: 'u', locator: { path: join(folder, 'volume') } } as const;
    const context = createContext('linked-1-1', policyFor(folder));
    const params = diskFill.params.parse({ bytes: '1MiB', allowRootFilesystem: true });
    const undo = await diskFill.prepare(context, target, params);
    await becomeLink();
    await expect(diskFill.inject(context, target, params, undo)).rejects.toThrow(/leads to .*elsewhere since it was planned/);
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
    await expect(diskFill.verifyReverted(context, target, undo)).rejects.toThrow(/by hand/);
    context.abort(); // as an agent that ends: the floor is looked after no more
  });

  test("a pod's volume is not looked for through it either", async () => {
    const path = '/volume';
    const node = { pathIn: () => join(folder, path), processesOf: async () => [{}] } as unknown as NodeTools;
    const context = createContext('linked-1-2', {}, { node });
    const { device } = await context.host.files.space(folder);
    const instance = { podUid: 'p', container: 'c', containerId: 'i' };
    const volume = { ...instance, path, kind: 'emptyDir', device } as unknown as PodVolume;
    expect(await directoryNow(context, volume)).toBe(join(folder, path));
    await becomeLink();
    await expect(directoryNow(context, volume)).rejects.toMatchObject({ code: 'policy/denied' });
    await rm(join(folder, path));
    await mkdir(join(folder, path));
    expect(await directoryNow(context, volume)).toBe(join(folder, path));
  });
});
