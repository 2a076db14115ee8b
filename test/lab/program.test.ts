import { existsSync, mkdtempSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cachedProgram, fetchMissing, obtain, type Program } from '../../lab/host/program.ts';

let cache: string;
const given = process.env.FIREDRILL_CACHE;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'firedrill-cache-'));
  process.env.FIREDRILL_CACHE = cache;
});

afterEach(() => {
  rmSync(cache, { recursive: true, force: true });
  if (given === undefined) delete process.env.FIREDRILL_CACHE;
  else process.env.FIREDRILL_CACHE = given;
});

function program(name: string, unpack: (root: string) => void = () => {}): Program<string> {
  return cachedProgram({
    name,
    what: `the package ${name}`,
    otherwise: `Install ${name}`,
    use: (directory) => directory,
    unpack: (work) => {
      const root = join(work, 'root');
      mkdirSync(root);
      unpack(root);
      return Promise.resolve(root);
    },
  });
}

test('all that will be fetched is said before the first of it is', async () => {
  const told: string[] = [];
  let atFirstFetch: string[] = [];
  const parts = [program('one', () => (atFirstFetch = [...told])), program('two')];
  await fetchMissing(parts, (line) => told.push(line));
  expect(atFirstFetch[0]).toMatch(/the package one into[\s\S]*the package two into/);
  expect(readdirSync(cache).sort()).toEqual(['one', 'two']);
});

test('what is in the cache is not fetched again', async () => {
  await obtain(program('one'), () => {});
  const again = program('one', () => {
    throw new Error('fetched twice');
  });
  expect(await obtain(again, () => {})).toBe(join(cache, 'one'));
});

test('what cannot be fetched says why, what to do instead, and leaves nothing half unpacked', async () => {
  const broken = program('one', () => {
    throw new Error('no route to the moon');
  });
  await expect(obtain(broken, () => {})).rejects.toMatchObject({
    code: 'part/missing',
    message: 'the package one could not be fetched: no route to the moon. Install one',
  });
  expect(readdirSync(cache)).toEqual([]);
});

test('two that fetch the same at once both have it', async () => {
  const [mine, theirs] = [program('one'), program('one')];
  const directories = await Promise.all([obtain(mine, () => {}), obtain(theirs, () => {})]);
  expect(directories.every((directory) => existsSync(directory))).toBe(true);
});
