import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isAlive, readProcess, type ProcessIdentity } from '../../src/adapters/host/processes.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { effectOf } from '../../src/faults/fault.ts';
import { processKill } from '../../src/faults/process-kill.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { until } from './until.ts';

async function startSleeper(): Promise<ProcessIdentity> {
  const child = spawn('sleep', ['300'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const found = readProcess(child.pid ?? 0);
  if (found === null) throw new Error('sleep ended at once');
  return found;
}

function targetOf({ pid, startTime }: ProcessIdentity, pidFile?: string): TargetRef {
  const locator = pidFile === undefined ? { pid, startTime } : { pid, startTime, pidFile };
  return { kind: 'process', service: 'payments-api', name: 'payments-api-1', uid: `${pid}:${startTime}`, locator };
}

const end = (sleeper: ProcessIdentity): void => void (isAlive(sleeper) && process.kill(sleeper.pid, 'SIGKILL'));

faultContract('process-kill', async () => {
  const sleeper = await startSleeper();
  return {
    target: targetOf(sleeper),
    params: { signal: 'kill' },
    broken: async () => !isAlive(sleeper),
    dispose: async () => end(sleeper),
  };
});

faultContract('process-kill', async () => {
  const sleeper = await startSleeper();
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-kill-'));
  const pidFile = join(directory, 'pid');
  await writeFile(pidFile, String(sleeper.pid));
  return {
    target: targetOf(sleeper, pidFile),
    params: { signal: 'term', every: '2s', times: 2 },
    broken: async () => !isAlive(sleeper),
    dispose: async () => {
      end(sleeper);
      await rm(directory, { recursive: true });
    },
  };
});

describe('process-kill', () => {
  let sleeper: ProcessIdentity;
  let directory: string;
  const left: ProcessIdentity[] = [];
  beforeEach(async () => {
    sleeper = await startSleeper();
    directory = await mkdtemp(join(tmpdir(), 'firedrill-kill-'));
  });
  afterEach(async () => {
    end(sleeper);
    left.splice(0).forEach(end);
    await rm(directory, { recursive: true });
  });

  test('a process that now has the pid of another is left alone', async () => {
    const context = createContext('pid-1-1');
    const stale = targetOf({ pid: sleeper.pid, startTime: '1' });
    const params = processKill.params.parse({});
    await expect(processKill.prepare(context, stale, params)).rejects.toMatchObject({ code: 'target/none' });
    const undo = { pid: sleeper.pid, startTime: '1', command: '' };
    await expect(processKill.inject(context, stale, params, undo)).rejects.toMatchObject({ code: 'target/none' });
    expect(isAlive(sleeper)).toBe(true);
  });

  test('a process that ends gracefully may take its time, and the effect begins when it is gone', async () => {
    const child = spawn('sh', ['-c', 'trap "read line; exit 0" TERM; echo ready; while :; do sleep 0.05; done'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const graceful = readProcess(child.pid ?? 0);
    if (graceful === null) throw new Error('it ended at once');
    const context = createContext('graceful-1-1');
    const params = processKill.params.parse({});
    const target = targetOf(graceful);
    const undo = await processKill.prepare(context, target, params);
    await processKill.inject(context, target, params, undo);
    expect(await processKill.verify(context, target, params, undo)).toMatchObject({ present: false });
    child.stdin.end();
    await until('it is gone', async () => (await processKill.verify(context, target, params, undo)).present);
  });

  test('one that is still ending is not killed again: its replacement is waited for', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const stubborn = readProcess(child.pid ?? 0);
    if (stubborn === null) throw new Error('it ended at once');
    left.push(stubborn);
    const pidFile = join(directory, 'pid');
    await writeFile(pidFile, String(stubborn.pid));
    const context = createContext('stubborn-1-1');
    const params = processKill.params.parse({ every: '2s' });
    const target = targetOf(stubborn, pidFile);
    const undo = await processKill.prepare(context, target, params);
    await processKill.inject(context, target, params, undo);
    const injectedAt = performance.now();
    await until('its time has come', () => performance.now() - injectedAt > 2100);
    await processKill.adjust?.(context, target, params, undo);
    expect(context.journaled).toEqual([]);
    await processKill.revert(context, target, undo);
  });

  test('it is an event once, and pulsed when repeated', () => {
    expect(effectOf(processKill, processKill.params.parse({}))).toBe('event');
    expect(effectOf(processKill, processKill.params.parse({ every: '10s' }))).toBe('pulsed');
  });

  test('a repeated kill is journaled before it happens, finds what has taken the place, and stops after its times', async () => {
    const pidFile = join(directory, 'pid');
    await writeFile(pidFile, String(sleeper.pid));
    const context = createContext('pulse-1-1');
    const target = targetOf(sleeper, pidFile);
    const params = processKill.params.parse({ signal: 'kill', every: '2s', times: 2 });
    const undo = await processKill.prepare(context, target, params);
    await processKill.inject(context, target, params, undo);
    await until('the first is gone', () => !isAlive(sleeper));
    await processKill.adjust?.(context, target, params, undo);
    expect(context.journaled).toEqual([]);

    const second = await startSleeper();
    await writeFile(pidFile, String(second.pid));
    await until('the second is killed too', async () => {
      await processKill.adjust?.(context, target, params, undo);
      return !isAlive(second);
    });
    const secondKilledAt = performance.now();
    expect(context.journaled).toEqual([{ kills: 2, last: { pid: second.pid, startTime: second.startTime } }]);

    const third = await startSleeper();
    await writeFile(pidFile, String(third.pid));
    await until('its time has come', () => performance.now() - secondKilledAt > 2100);
    await processKill.adjust?.(context, target, params, undo);
    expect(isAlive(third)).toBe(true);
    end(third);

    expect((await processKill.verifyReverted(context, target, undo)).present).toBe(true);
    await processKill.revert(context, target, undo);
    expect((await processKill.verifyReverted(context, target, undo)).present).toBe(false);
  });

  test.each([{ times: 3 }, { every: '1s' }, { signal: 'hup' }, { every: '10s', times: 0 }])('%j is refused', (params) => {
    expect(processKill.params.safeParse(params).success).toBe(false);
  });
});
