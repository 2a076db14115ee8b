import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { goProgram, goProgramNames } from '../../../lab/kubernetes/go-programs.ts';
import { isRecent, TOOLCHAIN } from '../../../lab/kubernetes/go-toolchain.ts';

const sources = join(import.meta.dirname, '../../../lab/kubernetes/go');

test.each([
  ['go1.26.8', true],
  ['go1.21', true],
  ['go1.19.8', false],
  ['devel', false],
])('%s can fetch the toolchain a module asks for: %s', (version, recent) => {
  expect(isRecent(version)).toBe(recent);
});

test('no module asks for a newer Go than the one we fetch', () => {
  const asked = globSync('*/go.mod', { cwd: sources }).map((file) => {
    const [, version = ''] = /^go (\S+)$/m.exec(readFileSync(join(sources, file), 'utf8')) ?? [];
    return { file, version };
  });
  const newer = asked.filter(({ version }) => version.localeCompare(TOOLCHAIN, 'en', { numeric: true }) > 0);
  expect(newer).toEqual([]);
  expect(asked.map(({ file }) => file.split('/')[0]).sort()).toEqual([...goProgramNames].sort());
});

test('a program of other versions is another one in the cache', () => {
  expect(new Set(goProgramNames.map((name) => goProgram(name).hash)).size).toBe(goProgramNames.length);
});
