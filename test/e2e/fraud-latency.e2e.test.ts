import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../../lab/host/stack.ts';
import type { Stack } from '../../lab/host/stack.ts';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import type { RunRecord } from '../../src/domain/run-record.ts';
import { installPackage } from './published.ts';

const root = join(import.meta.dirname, '../..');
const stackMs = 120_000;

let directory: string;
let stack: Stack;
let agent: ChildProcess;
let worker: ChildProcess;
let cli: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-e2e-'));
  cli = await installPackage(join(directory, 'installed'));
  // A light load: what is proven here is the run, and a busy machine must not decide it.
  stack = await startStack({ directory, rate: 30 });
  agent = start('agent', '--policy', stack.policyFile);
  worker = start('worker');
  while ((await firedrill('doctor')).code !== 0);
}, stackMs);

afterAll(async () => {
  await Promise.all([agent, worker].map(end));
  await stack.stop();
  await rm(directory, { recursive: true });
}, stackMs);

/** The last run's alert must have cleared, and must not be about to come: a guard refuses to measure an alert that is there already. */
beforeEach(async () => {
  const prometheus = createPrometheus({ url: `http://127.0.0.1:${stack.ports.prometheus}` });
  const isEmpty = async (query: string): Promise<boolean> => (await prometheus.instant(query)).series.length === 0;
  const requests = 'client_request_duration_seconds_bucket{service="payments-api",le=';
  // What was slow when the last run ended has been scraped; then, what the alert looks back at (10 s) has nothing slow any more.
  const endedBy = Date.now() / 1000 + 2;
  await until(async () => !(await isEmpty(`min(timestamp(${requests}"+Inf"})) > ${endedBy}`)));
  const slow = `sum(increase(${requests}"+Inf"}[12s])) - sum(increase(${requests}"0.5"}[12s])) > 0.1`;
  await until(async () => (await isEmpty(slow)) && (await isEmpty('ALERTS')));
}, stackMs);

describe('an experiment on the demo system', () => {
  test(
    'goes from guards to a report, and leaves nothing broken',
    async () => {
      const run = await firedrill('run', 'test/e2e/fixtures/fraud-latency-short.yaml', '--json');
      const record = await newestRecord(run.stdout);

      expect(record.outcome).toMatchObject({ ending: 'completed', cleanup: 'clean' });
      expect(record.clocks.t0).not.toBeNull();
      expect(Date.parse(record.clocks.t0!.lo)).toBeLessThanOrEqual(Date.parse(record.clocks.t0!.hi));
      expect(record.metrics.ttd.status).toBe('measured');
      // Nobody mitigated: whatever ended the pain was the fault's own end, which is nobody's number.
      expect(record.metrics.ttm).toMatchObject({ status: 'censored', seconds: null });
      expect(record.injections.map(({ status }) => status?.phase)).toEqual(['reverted']);
      expect((await firedrill('status')).stdout).toContain('broken on purpose right now: nothing');
    },
    stackMs,
  );

  test(
    'is aborted by Ctrl-C, and waits for the verified revert',
    async () => {
      const child = start('run', 'test/e2e/fixtures/fraud-latency-short.yaml');
      const output = collect(child);
      await output.shows('holding for');

      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number];

      expect(code).toBe(6);
      expect(output.text).toContain('waiting for the verified revert');
      expect(output.text).toContain('every fault is gone, read back');
    },
    stackMs,
  );

  test(
    'is left at once by a second Ctrl-C, which says who reverts, and is reverted all the same',
    async () => {
      const child = start('run', 'test/e2e/fixtures/fraud-latency-short.yaml', '--json');
      const output = collect(child);
      await output.shows('holding for');
      // With nobody to carry out the abort, nothing else can end the wait.
      worker.kill('SIGKILL');

      child.kill('SIGINT');
      await output.shows('aborting; waiting for the verified revert');
      const askedAt = performance.now();
      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number];
      const leftAfterMs = performance.now() - askedAt;
      await until(async () => (await firedrill('status')).stdout.includes('broken on purpose right now: nothing'));
      worker = start('worker');
      await until(async () => (await firedrill('status')).stdout.includes('run: none'));

      expect(code).toBe(5);
      expect(leftAfterMs).toBeLessThan(2000);
      expect(output.text).toMatch(/left\. The worker reverts \S+; should it be dead, the agents do when the lease of \d+ s ends/);
    },
    stackMs,
  );

  test(
    'refuses a second run in the same environment and names the holder',
    async () => {
      const first = start('run', 'test/e2e/fixtures/fraud-latency-short.yaml');
      const output = collect(first);
      await output.shows('baseline');

      const second = await firedrill('run', 'test/e2e/fixtures/fraud-latency-short.yaml');

      expect(second.code).toBe(3);
      expect(second.stderr).toContain(/run (\S+)/.exec(output.text)![1]);
      first.kill('SIGINT');
      await once(first, 'exit');
    },
    stackMs,
  );

  test(
    'is reverted by the halt switch alone, and nothing starts while it is set',
    async () => {
      const child = start('run', 'test/e2e/fixtures/fraud-latency-short.yaml');
      const output = collect(child);
      await output.shows('holding for');

      await firedrill('halt', '--why', 'drill');
      const [code] = (await once(child, 'exit')) as [number];
      const refused = await firedrill('run', 'test/e2e/fixtures/fraud-latency-short.yaml');
      await firedrill('halt', '--lift');

      expect(code).toBe(6);
      expect(output.text).toContain('cause: halt');
      expect(refused.code).toBe(3);
      expect(refused.stdout).toContain('halt-not-thrown');
    },
    stackMs,
  );

  test(
    'ends by its lease when the worker is killed, and says so once a worker is back',
    async () => {
      const child = start('run', 'test/e2e/fixtures/fraud-latency-short.yaml');
      const output = collect(child);
      await output.shows('holding for');

      worker.kill('SIGKILL');
      await until(async () => (await firedrill('status')).stdout.includes('broken on purpose right now: nothing'));
      worker = start('worker');
      const [code] = (await once(child, 'exit')) as [number];

      expect(code).toBe(6);
      expect(output.text).toContain('cause: lease');
    },
    stackMs,
  );

  test(
    'is reverted by the restarted agent when the agent is killed mid-fault',
    async () => {
      const child = start('run', 'test/e2e/fixtures/fraud-latency-short.yaml');
      const output = collect(child);
      await output.shows('holding for');

      process.kill(await agentPid(), 'SIGKILL');
      const [code] = (await once(child, 'exit')) as [number];

      expect(code).toBe(6);
      expect(output.text).toContain('every fault is gone, read back');
    },
    stackMs,
  );
});

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args, '--environment', stack.environmentFile], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

interface Collected {
  text: string;
  /** Waits for words in the output; fails when the process ends without them. */
  shows(words: string): Promise<void>;
}

function collect(child: ChildProcess): Collected {
  const output: Collected = {
    text: '',
    shows: (words) =>
      until(() => {
        if (child.exitCode !== null && !output.text.includes(words)) throw new Error(`ended without "${words}":\n${output.text}`);
        return output.text.includes(words);
      }),
  };
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
  return output;
}

async function firedrill(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = start(...args);
  const result = { stdout: '', stderr: '' };
  child.stdout!.on('data', (chunk: Buffer) => (result.stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (result.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...result };
}

async function newestRecord(ndjson: string): Promise<RunRecord> {
  const last = JSON.parse(ndjson.trim().split('\n').at(-1)!) as { runId: string };
  return JSON.parse(await readFile(join(directory, 'runs', last.runId, 'run.json'), 'utf8')) as RunRecord;
}

async function agentPid(): Promise<number> {
  const agents = join(directory, 'state', 'agents');
  const beat = (await readdir(agents)).find((name) => name.endsWith('.json'))!;
  return (JSON.parse(await readFile(join(agents, beat), 'utf8')) as { pid: number }).pid;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
