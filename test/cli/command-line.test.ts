import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../agent/until.ts';

const program = join(import.meta.dirname, '../../bin/firedrill.js');
let folder: string;

const policy = {
  environment: 'test',
  allowFaults: ['hook'],
  allowServices: ['payments'],
  maxDurationSeconds: 600,
  leaseSeconds: { min: 1, max: 60 },
  diskFill: { allowPaths: [], floorBytes: 0 },
  pool: { reserveConnections: 1 },
  hook: { allowCommands: [], allowUrls: [], timeoutSeconds: 3 },
};

function policyFile(changes: object): string {
  const file = join(folder, 'other-policy.yaml');
  writeFileSync(file, JSON.stringify({ ...policy, ...changes }));
  return file;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-line-'));
  const spec = {
    platform: 'host',
    prometheus: { url: 'http://127.0.0.1:9' },
    temporal: { address: '127.0.0.1:9' },
    state: './state',
    archive: './runs',
    services: {},
  };
  writeFileSync(
    join(folder, 'environment.yaml'),
    JSON.stringify({ apiVersion: 'firedrill.dev/v1', kind: 'Environment', metadata: { name: 'test' }, spec }),
  );
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(policy));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(args: readonly string[], nodeOptions: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [...nodeOptions, program, ...args], {
    env: { ...process.env, FIREDRILL_ENVIRONMENT: join(folder, 'environment.yaml'), SHELL: '/bin/bash' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function firedrill(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = start(args);
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...said };
}

describe('a line that is not understood gives 2 and carries out nothing', () => {
  test.each([
    ['an option that does not exist', ['halt', '--lfit'], 'Unknown argument: lfit'],
    ['a command that does not exist', ['nonsense'], 'Unknown argument: nonsense'],
    ['a command that is misspelled', ['hatl'], 'There is no such command. Did you mean halt?'],
    ['an argument that is missing', ['run'], 'Not enough non-option arguments'],
    ['a value that is not allowed', ['report', '--format', 'pdf'], 'Given: "pdf", Choices: "summary", "markdown", "html"'],
    ['no command', [], 'Name a command'],
    ['an option that is given twice', ['status', '-e', 'a.yaml', '-e', 'b.yaml'], '--environment is given more than once'],
    ['a seed that is given twice', ['plan', 'x.yaml', '--seed=1', '--seed=2'], '--seed takes one whole number'],
  ])('%s', async (_what, args, words) => {
    const { code, stdout, stderr } = await firedrill(...args);
    expect(stderr).toContain(words);
    expect(stderr).toContain('`firedrill --help` shows what there is');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(existsSync(join(folder, 'state/halt.json'))).toBe(false);
  });
});

test.each(['abc', '1.5', '-1'])(
  'a seed that is no whole number (%j) gives 2, instead of a plan that nobody can make again',
  async (seed) => {
    const { code, stdout, stderr } = await firedrill('plan', 'experiments/any.yaml', `--seed=${seed}`);
    expect(stderr).toContain('--seed takes one whole number from 0');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  },
);

test('every file that is named is validated', async () => {
  const { code, stdout } = await firedrill('validate', join(folder, 'environment.yaml'), 'hypotheses', 'slos');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^(?!1 )\d+ files: no problems\n$/) });
});

test('lifting a halt that is not set says so', async () => {
  expect((await firedrill('halt', '--lift')).stdout).toBe('test: no halt was set\n');
  expect((await firedrill('halt', '--as', ' ', '--why', 'real incident')).stdout).toContain('test: halted');
  expect((await firedrill('halt', '--lift')).stdout).toContain('test: halt lifted');
});

describe('an agent is not started, and the line gives 2, with a policy that', () => {
  test.each([
    ['is not there', () => 'nowhere.json', "the agent's policy nowhere.json cannot be read: there is no such file"],
    ['is a folder', () => folder, 'cannot be read: it is a folder'],
    ['has a key that is not known', () => policyFile({ allowFault: [] }), 'Unrecognized key: "allowFault"'],
    [
      'is for another environment',
      () => policyFile({ environment: 'staging' }),
      'is for environment "staging", and this is "test"',
    ],
  ])('%s', async (_what, file, words) => {
    const { code, stdout, stderr } = await firedrill('agent', '--policy', file());
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^ +at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

test('the shell completes commands and options, and is given a script that does', async () => {
  expect((await firedrill('--get-yargs-completions', 'firedrill', '')).stdout.split('\n')).toEqual(
    expect.arrayContaining(['validate', 'run', 'halt', 'game-day']),
  );
  expect((await firedrill('--get-yargs-completions', 'firedrill', 'validate', '--f')).stdout).toContain('--fix');
  const { code, stdout } = await firedrill('completion');
  expect(code).toBe(0);
  expect(stdout).toContain('complete -o bashdefault -o default -F _firedrill_yargs_completions firedrill');
});

describe('where Node cannot run TypeScript, the Node that can is started, and', () => {
  test('gives its exit code', async () => {
    const child = start(['report', '--format', 'pdf'], ['--no-experimental-strip-types']);
    expect(await once(child, 'exit')).toEqual([2, null]);
  });

  test('is not left alone: Ctrl-C is its own to act on, and what ends the first ends it too', async () => {
    const child = start(['agent', '--policy', join(folder, 'policy.yaml')], ['--no-experimental-strip-types']);
    const alive = join(folder, 'state/agents/host.json');
    await until(
      () => existsSync(alive),
      (is) => is,
    );
    child.kill('SIGINT');
    const first = await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(() => resolve('waits'), 500))]);
    expect(first).toBe('waits');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    const { pid } = JSON.parse(readFileSync(alive, 'utf8')) as { pid: number };
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
