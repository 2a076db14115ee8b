import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { watchReplacements, type Replacements } from '../../src/activities/replacements.ts';
import { hostPlatform } from '../../src/adapters/host/platform.ts';
import type { Plan, PlannedInjection } from '../../src/domain/plan/plan.ts';
import { planOf } from '../report/fixtures/plan.ts';

let directory: string;
let pidFile: string;
let told: string[];
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-replaced-'));
  pidFile = join(directory, 'pid');
  told = [];
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

/** Something that runs under the name of the target from now on. */
async function startReplica(): Promise<ChildProcess> {
  const child = spawn('sleep', ['300']);
  await once(child, 'spawn');
  children.push(child);
  await writeFile(pidFile, `${child.pid}\n`);
  return child;
}

async function watchOne(): Promise<Replacements> {
  const platform = hostPlatform({
    'payments-api': { processes: [{ name: 'payments-api-1', pidFile }], links: [], volumes: [], postgres: [], redis: [] },
  });
  const [target] = await platform.resolve({ kind: 'member', service: 'payments-api' });
  const plan = planOf();
  const steps = plan.steps.slice(0, 1).map((step): PlannedInjection => ({ ...step, target: target ?? step.target }));
  return watchReplacements({ ...plan, steps } as Plan, () => platform, {
    event: ({ kind, text }) => told.push(`${kind}: ${text}`),
  });
}

test('a killed process is missing until another runs under its name, which is told once', async () => {
  const first = await startReplica();
  const replacements = await watchOne();
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(await replacements.look()).toBe(false);
  const { pid } = await startReplica();
  expect(await replacements.look()).toBe(true);
  expect(await replacements.look()).toBe(true);
  expect(told).toEqual([expect.stringMatching(`^run.replaced: payments-api/payments-api-1 runs again, as ${pid}:`)]);
});

test('a process that was never killed is not missing, and nothing is told', async () => {
  await startReplica();
  const replacements = await watchOne();
  expect(await replacements.look()).toBe(true);
  replacements.giveUp(60);
  expect(told).toEqual([]);
});

test('what nobody replaced is told when nobody waits any longer', async () => {
  const first = await startReplica();
  const replacements = await watchOne();
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(await replacements.look()).toBe(false);
  replacements.giveUp(60);
  expect(told).toEqual(['run.not-replaced: payments-api/payments-api-1 was not replaced within 60 s']);
});
