import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const bench = join(import.meta.dirname, '../../bench');
const read = (path: string): string => readFileSync(join(bench, path), 'utf8');

/** By text: to load a figure is to load Temporal. */
const folders = ['figures', 'figures/kubernetes'] as const;
const files = folders.flatMap((folder) =>
  readdirSync(join(bench, folder))
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .map((file) => [file.replace(/\.ts$/, ''), folder] as const),
);

describe('each figure of the bench', () => {
  test.each(files)('%s is named as its file, listed, and described', (name, folder) => {
    const text = read(`${folder}/${name}.ts`);
    expect(/^ {2}name: '(.+)',$/m.exec(text)?.[1]).toBe(name);
    expect(/^ {2}platform: '(.+)',$/m.exec(text)?.[1]).toBe(folder === 'figures' ? 'host' : 'kubernetes');
    expect(read(`${folder}/index.ts`)).toContain(`from './${name}.ts';`);
    expect(read('README.md')).toContain(`| \`${name}\` `);
  });
});
