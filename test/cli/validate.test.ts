import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { validate } from '../../src/cli/commands/validate.ts';
import { createOutput } from '../../src/cli/output.ts';

let folder: string;
let file: string;

const written = `# what customers need
apiVersion: firedrill.dev/v1
kind: Hypothesys
metadata: {name: validate-test} # short
spec:
  statment:   'Customers still pay'
  checks:
    - { name: pays, kind: hold, http: { url: 'http://127.0.0.1:8080/health' }, must: == 0 }
`;
const mended = written.replace('Hypothesys', 'Hypothesis').replace('statment', 'statement');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'validate-'));
  file = join(folder, 'hypothesis.yaml');
  writeFileSync(file, written);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(fix: boolean): Promise<{ code: number; said: string }> {
  let said = '';
  const globals = { environment: undefined, json: false, debug: false };
  const code = await validate.run(
    { ...globals, files: [folder], fix },
    createOutput(false, (text) => (said += text)),
  );
  return { code, said };
}

test('where there is nothing to validate, that is said, instead of finding no problem in it', async () => {
  const away = process.cwd();
  process.chdir(folder);
  try {
    const nothing = validate.run(
      { environment: undefined, json: false, debug: false, files: [], fix: false },
      createOutput(false),
    );
    await expect(nothing).rejects.toMatchObject({
      code: 'spec/not-found',
      message: expect.stringContaining('nothing to validate here'),
    });
  } finally {
    process.chdir(away);
  }
});

test('without --fix nothing is written', async () => {
  expect((await run(false)).code).toBe(2);
  expect(readFileSync(file, 'utf8')).toBe(written);
});

test('--fix prints each change with its place, and writes the file as it was but for them', async () => {
  expect(await run(true)).toEqual({
    code: 0,
    said: [
      `${file}:3:7: fixed: "Hypothesys" is now "Hypothesis"`,
      `${file}:6:3: fixed: "statment" is now "statement"`,
      '1 file, 2 changes: no problems\n',
    ].join('\n'),
  });
  expect(readFileSync(file, 'utf8')).toBe(mended);
  expect(await run(true)).toEqual({ code: 0, said: '1 file, 0 changes: no problems\n' });
});

test('what is left is told, and the exit code says so', async () => {
  writeFileSync(file, written.replace('== 0', '== zero'));
  const { code, said } = await run(true);
  expect(code).toBe(2);
  expect(said).toContain('1 file, 2 changes, 1 problem(s)');
  expect(readFileSync(file, 'utf8')).toBe(mended.replace('== 0', '== zero'));
});

test('a file keeps its permissions, a link stays a link, and nothing else is left beside it', async () => {
  const real = join(folder, 'kept-elsewhere');
  writeFileSync(real, written);
  chmodSync(real, 0o640);
  rmSync(file);
  symlinkSync(real, file);
  expect((await run(true)).code).toBe(0);
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, 'utf8')).toBe(mended);
  expect((statSync(real).mode & 0o777).toString(8)).toBe('640');
  expect(readdirSync(folder).toSorted()).toEqual(['hypothesis.yaml', 'kept-elsewhere']);
});
