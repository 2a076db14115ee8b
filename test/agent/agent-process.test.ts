import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import type { InjectionSpec, InjectionStatus } from '../../src/domain/injection/records.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { permitOf, specOf } from './records.ts';
import { until } from './until.ts';

let folder: string;
let effect: string;
let store: InjectionStore;
let agent: ChildProcess;
let renewal: number;

beforeEach(async () => {
  renewal = 1;
  folder = mkdtempSync(join(tmpdir(), 'agent-process-'));
  effect = join(folder, 'effect');
  const policy = {
    environment: 'test',
    allowFaults: ['hook'],
    allowServices: ['payments'],
    maxDurationSeconds: 600,
    leaseSeconds: { min: 1, max: 60 },
    diskFill: { allowPaths: [], floorBytes: 0 },
    pool: { reserveConnections: 1 },
    hook: { allowCommands: ['touch', 'rm', 'test', 'sleep'], allowUrls: [], timeoutSeconds: 10 },
  };
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy));
  store = createInjectionStore(folder);
  // Whatever it logs fails as on a full disk: that must change nothing.
  const full = openSync('/dev/full', 'w');
  agent = startAgent('one', full);
  closeSync(full);
  await heartbeatFrom((pid) => pid !== null);
});

afterEach(async () => {
  if (agent.exitCode === null && agent.signalCode === null) {
    agent.kill('SIGTERM');
    await once(agent, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

const startAgent = (name: string, stdout: number | 'pipe' = 'pipe'): ChildProcess =>
  spawn(process.execPath, ['src/compose/agent.ts', '--state', folder, '--policy', join(folder, 'policy.json'), '--name', name], {
    stdio: ['ignore', stdout, 'ignore'],
  });

function spec(changes: Partial<InjectionSpec> = {}): InjectionSpec {
  const params = {
    inject: { command: ['touch', effect] },
    verify: { command: ['test', '-e', effect] },
    revert: { command: ['rm', '-f', effect] },
    verifyReverted: { command: ['test', '!', '-e', effect] },
  };
  return specOf({ params, ...changes });
}

const heartbeatFrom = (which: (pid: number | null) => boolean): Promise<number | null> =>
  until(async () => (await store.readHeartbeats())[0]?.pid ?? null, which);

const statusWhen = (holds: (status: InjectionStatus) => boolean, withinMs?: number): Promise<InjectionStatus | null> =>
  until(
    async () => {
      const read = await store.readStatus('run-1-1-1');
      return read === null || isCorrupt(read) ? null : read;
    },
    (status) => status !== null && holds(status),
    withinMs,
  );

async function renew(): Promise<void> {
  renewal += 1;
  await store.writePermit(permitOf({ renewal }));
}

/** Renewals, one after the other, as a watcher that knows nothing of the agent writes them. */
async function renewFor(ms: number): Promise<void> {
  const start = performance.now();
  await until(renew, () => performance.now() - start > ms);
}

/** Renews meanwhile: the hook's commands may take longer than a short lease. */
async function activate(changes: Partial<InjectionSpec> = {}): Promise<void> {
  await store.writePermit(permitOf());
  await store.writeSpec(spec(changes));
  let isActive = false;
  const activated = statusWhen(({ phase }) => phase === 'active').then(() => (isActive = true));
  await Promise.all([activated, until(renew, () => isActive)]);
  expect(existsSync(effect)).toBe(true);
}

/** Renews for the last time, so that a lease runs from then. */
async function freeze(): Promise<number> {
  const pid = (await heartbeatFrom((pid) => pid !== null)) ?? 0;
  await renew();
  process.kill(pid, 'SIGSTOP');
  return pid;
}

describe('the agent process', () => {
  test('reverts what it held after kill -9, because its watchdog starts it again', async () => {
    await activate({ leaseSeconds: 60 });
    const killed = await heartbeatFrom((pid) => pid !== null);
    process.kill(killed ?? 0, 'SIGKILL');

    const status = await statusWhen(({ phase }) => phase === 'reverted');
    expect(status?.cause).toBe('restart');
    expect(existsSync(effect)).toBe(false);
    expect(await heartbeatFrom((pid) => pid !== killed)).not.toBe(killed);
  });

  test.each([
    ['written wrong', (file: string) => writeFileSync(file, 'environment: [')],
    ['gone', (file: string) => rmSync(file)],
  ])('reverts what it held, and takes nothing new, where its policy is %s by its next life', async (_what, spoil) => {
    await activate({ leaseSeconds: 60 });
    const killed = (await heartbeatFrom((pid) => pid !== null)) ?? 0;
    spoil(join(folder, 'policy.json'));
    process.kill(killed, 'SIGKILL');

    expect((await statusWhen(({ phase }) => phase === 'reverted'))?.cause).toBe('restart');
    expect(existsSync(effect)).toBe(false);
    await store.writeSpec(spec({ id: 'run-1-1-2' }));
    const refused = await until(
      () => store.readStatus('run-1-1-2'),
      (status) => status !== null,
    );
    expect(refused).toMatchObject({
      phase: 'refused',
      error: { code: 'policy/denied', message: expect.stringMatching(/without its policy: .*policy.json/) as unknown },
    });
  });

  test('reverts what it holds when it is asked to end, and ends without an error', async () => {
    await activate();
    agent.kill('SIGTERM');
    const [code] = await once(agent, 'close');

    expect(code).toBe(0);
    expect((await statusWhen(({ phase }) => phase === 'reverted'))?.cause).toBe('shutdown');
    expect(existsSync(effect)).toBe(false);
  });

  test('reverts by itself when its watchdog is killed with kill -9', async () => {
    await activate({ leaseSeconds: 60 });
    agent.kill('SIGKILL');

    await statusWhen(({ phase, cause }) => phase === 'reverted' && cause === 'shutdown');
    expect(existsSync(effect)).toBe(false);
  });

  test('lets the lapse win over a renewal that was written while it was frozen', async () => {
    await activate({ leaseSeconds: 2 });
    const pid = await freeze();
    await renewFor(2_500);
    expect(existsSync(effect)).toBe(true);
    process.kill(pid, 'SIGCONT');
    const renewing = renewFor(500);

    expect((await statusWhen(({ phase }) => phase !== 'active'))?.cause).toBe('lease');
    await statusWhen(({ phase }) => phase === 'reverted');
    await renewing;
    expect(existsSync(effect)).toBe(false);
  });

  test('is ended and started again by its watchdog when it stands still, and then reverts', async () => {
    await activate({ leaseSeconds: 60 });
    await freeze();

    // Five looks of its watchdog, a second apart, and the start of another process.
    expect((await statusWhen(({ phase }) => phase === 'reverted', 40_000))?.cause).toBe('restart');
    expect(existsSync(effect)).toBe(false);
  }, 60_000);

  test('holds on after a freeze that was shorter than its lease', async () => {
    await activate({ leaseSeconds: 5 });
    const pid = await freeze();
    await renewFor(500);
    process.kill(pid, 'SIGCONT');
    await renewFor(5_500);

    expect((await statusWhen(() => true))?.phase).toBe('active');
  });

  test('lets a hook take the time it declares, beyond the usual patience', async () => {
    await store.writePermit(permitOf());
    const slow = spec({ leaseSeconds: 30 });
    await store.writeSpec({
      ...slow,
      params: { ...slow.params, inject: { command: ['sleep', '5.3'] }, verify: { command: ['test', '-d', folder] } },
    });

    expect((await statusWhen(({ phase }) => phase !== 'arming' && phase !== 'armed' && phase !== 'activating'))?.phase).toBe(
      'active',
    );
  });

  test('ends when it is asked to while another has the state directory, and takes nothing from that one', async () => {
    await activate({ leaseSeconds: 60 });
    const spare = startAgent('spare');
    for await (const line of createInterface({ input: spare.stdout! })) if (line.includes('another agent')) break;
    spare.kill('SIGTERM');
    const [code] = await once(spare, 'close');

    expect(code).toBe(0);
    expect((await statusWhen(() => true))?.phase).toBe('active');
  });

  test('takes an empty halt file for a halt', async () => {
    await activate();
    writeFileSync(join(folder, 'halt.json'), '');
    expect((await statusWhen(({ phase }) => phase === 'reverted'))?.cause).toBe('halt');
  });
});
