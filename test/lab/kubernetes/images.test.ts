import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { contentHash } from '../../../lab/kubernetes/content-hash.ts';
import { planImage } from '../../../lab/kubernetes/image-builder/archive.ts';
import { npmClosure } from '../../../lab/kubernetes/image-builder/npm-closure.ts';
import { placed } from '../../../lab/kubernetes/image-builder/place.ts';
import type { ImageRecipe } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { images } from '../../../lab/kubernetes/images/index.ts';

let folder: string;
const given = process.env['FIREDRILL_CACHE'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-images-'));
  process.env['FIREDRILL_CACHE'] = join(folder, 'cache');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (given === undefined) delete process.env['FIREDRILL_CACHE'];
  else process.env['FIREDRILL_CACHE'] = given;
});

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test('the same files have the same hash, whenever they were written', () => {
  write('one/a/file', 'text');
  write('two/a/file', 'text');
  utimesSync(join(folder, 'two/a/file'), 1, 1);
  expect(contentHash([], [join(folder, 'one')])).toBe(contentHash([], [join(folder, 'two')]));
});

test.each([
  ['another content', 'a/file', 'other'],
  ['another name', 'a/other', 'text'],
  ['one file more', 'more', ''],
])('%s is another hash', (_, path, text) => {
  write('one/a/file', 'text');
  if (path === 'more') write('two/a/file', 'text');
  write(`two/${path}`, text);
  expect(contentHash([], [join(folder, 'one')])).not.toBe(contentHash([], [join(folder, 'two')]));
});

const recipe: ImageRecipe = {
  name: 'example',
  layers: [{ files: { '/etc/motd': { text: 'hello' } } }],
  entrypoint: ['/bin/true'],
};

test('an image is another one when a file, the entrypoint, the user or the environment changed', () => {
  const changed: ImageRecipe[] = [
    { ...recipe, layers: [{ files: { '/etc/motd': { text: 'good bye' } } }] },
    { ...recipe, entrypoint: ['/bin/false'] },
    { ...recipe, user: '1:1' },
    { ...recipe, environment: { A: 'b' } },
  ];
  const hashes = [recipe, recipe, ...changed].map((each) => planImage(each).hash);
  expect(new Set(hashes).size).toBe(hashes.length - 1);
});

test('every recipe has a name of its own, which the cluster knows it by', () => {
  expect(new Set(images.map(({ name }) => name)).size).toBe(images.length);
  expect(planImage(recipe).reference).toBe('firedrill.local/example:dev');
});

test('npm packages come with all they depend on, also where two versions lie', () => {
  const manifest = (dependencies: Record<string, string>): string => JSON.stringify({ dependencies });
  write('node_modules/a/package.json', manifest({ b: '1', c: '1' }));
  write('node_modules/a/node_modules/c/package.json', manifest({ d: '1' }));
  write('node_modules/b/package.json', manifest({}));
  write('node_modules/c/package.json', manifest({}));
  write('node_modules/d/package.json', manifest({ a: '1' }));
  const found = npmClosure(join(folder, 'node_modules'), ['a']);
  expect(found).toEqual(['node_modules/a', 'node_modules/b', 'node_modules/d']);
});

test('an npm package that is not there says who needs it and what to do', () => {
  write('node_modules/a/package.json', JSON.stringify({ dependencies: { gone: '1' } }));
  expect(() => npmClosure(join(folder, 'node_modules'), ['a'])).toThrow(/gone, needed by .*a, .*Run npm ci/);
});

test('what goes into /bin or /lib goes where those links lead', () => {
  expect(placed(folder, '/bin/sh')).toBe(join(folder, 'usr/bin/sh'));
  expect(placed(folder, '/lib/x86_64-linux-gnu/libc.so.6')).toBe(join(folder, 'usr/lib/x86_64-linux-gnu/libc.so.6'));
  expect(placed(folder, '/binary')).toBe(join(folder, 'binary'));
});
