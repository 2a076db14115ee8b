import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** Runs before the program, and prints the packages that it loaded, at its end. */
const watchLoads = `
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const found = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url);
      if (found) packages.add(found[1]);
      return next(url, context);
    },
  });
  process.on('exit', () => console.error(JSON.stringify([...packages])));
`;

async function packagesLoadedBy(...args: string[]): Promise<string[]> {
  const hook = `data:text/javascript,${encodeURIComponent(watchLoads)}`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--import', hook, 'bin/firedrill.js', ...args], { cwd: root });
  return JSON.parse(stderr) as string[];
}

/** Each costs a start of the command line more than Node itself does. */
const heavy = /^(zod|yaml|axios|pg|pino|echarts|@temporalio\/.*|@prometheus-io\/.*)$/;

test.each(['--version', '--help', 'run --help'])('`firedrill %s` loads nothing that it does not need', async (line) => {
  const packages = await packagesLoadedBy(...line.split(' '));
  expect(packages).toContain('yargs');
  expect(packages.filter((name) => heavy.test(name))).toEqual([]);
});

test('`firedrill validate` loads what reads files, and nothing that opens connections', async () => {
  const packages = await packagesLoadedBy('validate', 'slos/');
  expect(packages).toContain('zod');
  expect(packages.filter((name) => /^(axios|pg|pino|echarts|@temporalio\/.*)$/.test(name))).toEqual([]);
});
