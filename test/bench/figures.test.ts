import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const bench = join(import.meta.dirname, '../../bench');
const read = (path: string): string => readFileSync(join(bench, path), 'utf8');

/** By text: to load a figure is to load Temporal. */
const files = readdirSync(join(bench, 'figures'))
  .filter((file) => file !== 'index.ts')
  .map((file) => file.replace(/\.ts$/, ''));

describe('each figure of the bench', () => {
  test.each(files)('%s is named as its file, listed, and described', (name) => {
    expect(/^ {2}name: '(.+)',$/m.exec(read(`figures/${name}.ts`))?.[1]).toBe(name);
    expect(read('figures/index.ts')).toContain(`from './${name}.ts';`);
    expect(read('README.md')).toContain(`| \`${name}\` `);
  });
});
