import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogOutput } from '../../../src/adapters/host/log-output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = `${'x'.repeat(1000)}\n`;

describe('a line', () => {
  test('comes after what others have written', () => {
    const file = openSync(join(folder, 'log'), 'w');
    const [one, other] = [createLogOutput(file), createLogOutput(file)];
    one.write('first\n');
    other.write('second\n');
    one.write('third\n');
    closeSync(file);
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('first\nsecond\nthird\n');
  });

  test('is lost where there is no room', () => {
    const full = openSync('/dev/full', 'w');
    createLogOutput(full).write(line);
    closeSync(full);
  });

  test('is lost while its reader stands still, and the writer does not', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    const writer = openSync(pipe, 'w');
    const output = createLogOutput(writer);
    for (let times = 0; times < 1000; times += 1) output.write(line);
    closeSync(writer);
    closeSync(reader);
  });
});
