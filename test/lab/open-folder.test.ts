import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isOpen, openFolder } from '../../lab/host/open-folder.ts';
import { weAreRoot } from '../../lab/host/unix-user.ts';

let directory: string;
let owned: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-open-'));
  owned = [];
});

afterEach(() => {
  for (const folder of [directory, ...owned]) rmSync(folder, { recursive: true, force: true });
});

test('a checkout that everybody may enter keeps its database', () => {
  chmodSync(directory, 0o755);
  expect(openFolder(directory, 'postgres', (folder) => owned.push(folder))).toBe(join(directory, 'postgres'));
  expect(owned).toEqual([]);
});

test('root in a closed checkout has its database where another user may enter, and is told what to remove', () => {
  chmodSync(directory, 0o700);
  const folder = openFolder(directory, 'postgres', (folder) => owned.push(folder));
  // Nobody but root runs it as another user.
  expect(dirname(folder)).toBe(weAreRoot() ? tmpdir() : directory);
  expect(owned).toEqual(weAreRoot() ? [folder] : []);
  expect(existsSync(folder)).toBe(true);
  if (weAreRoot()) expect(statSync(folder).mode & 0o777).toBe(0o755);
});

test('one closed folder on the way closes all below it', () => {
  expect(isOpen('/usr/bin')).toBe(true);
  chmodSync(directory, 0o700);
  const inner = mkdtempSync(join(directory, 'inner-'));
  chmodSync(inner, 0o755);
  expect(isOpen(inner)).toBe(false);
});
