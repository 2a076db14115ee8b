import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendLines, readSegments } from '../../src/adapters/archive/jsonl.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jsonl-'));
  file = join(folder, 'segment-a.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a line that a full disk tore off costs neither the lines before it nor those after it', async () => {
  await appendLines(file, [{ n: 1 }, { n: 2 }]);
  appendFileSync(file, '\n{"n":3,"te');
  await appendLines(file, [{ n: 4 }]);
  expect(await readSegments(folder, 'segment-')).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }]);
});

test('segments of several writers are all read, also those that are still being written', async () => {
  await appendLines(file, [{ n: 1 }]);
  writeFileSync(join(folder, 'segment-b.jsonl'), '{"n":2}\n{"n":');
  expect(await readSegments(folder, 'segment-')).toEqual([{ n: 1 }, { n: 2 }]);
});
