import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createInjectionStore } from '../../../src/adapters/host/injection-store.ts';
import { injectionStoreContract } from '../../contracts/injection-store.ts';

const directories = { spec: 'specs', status: 'status', permit: 'permits' } as const;

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
