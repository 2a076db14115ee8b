import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { targetsUnfit } from '../../src/activities/target-check.ts';
import { hostPlatform } from '../../src/adapters/host/platform.ts';
import { injectionSpecsOf } from '../../src/domain/plan/injections.ts';
import type { Plan, TargetRef } from '../../src/domain/plan/plan.ts';
import { targetHealthy } from '../../src/guards/target-healthy.ts';
import type { GuardContext } from '../../src/guards/guard.ts';
import type { Platform } from '../../src/ports/platform.ts';
import { planOf } from '../report/fixtures/plan.ts';

let folder: string;
let link: Server;
let replicas: ChildProcess[];
let platform: Platform;
let plan: Plan;

const pidFile = (replica: number): string => join(folder, `${replica}.pid`);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'target-healthy-'));
  link = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => link.listen(0, '127.0.0.1', resolve));
  replicas = [];
  const urls = [await startReplica(0), await startReplica(1)];
  platform = hostPlatform({
    payments: {
      processes: urls.map((url, index) => ({ name: `payments-${index}`, pidFile: pidFile(index), url })),
      links: [{ name: 'fraud', to: 'fraud', listen: `127.0.0.1:${(link.address() as AddressInfo).port}`, control: '/nowhere' }],
      volumes: [{ name: 'journal', path: folder }],
      postgres: [{ name: 'db', connection: 'file:/nowhere' }],
      redis: [],
    },
  });
  const [process] = await platform.resolve({ kind: 'member', service: 'payments' });
  const others = await Promise.all([
    platform.resolve({ kind: 'link', service: 'payments', to: 'fraud' }),
    platform.resolve({ kind: 'volume', service: 'payments', volume: 'journal' }),
    platform.resolve({ kind: 'postgres', service: 'payments', postgres: 'db' }),
  ]);
  plan = planWith([process!, ...others.flat()]);
});

afterEach(() => {
  for (const replica of replicas) replica.kill('SIGKILL');
  link.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that answers 404 over HTTP, as a replica without that path does. */
async function startReplica(index: number): Promise<string> {
  const program =
    "require('http').createServer((_, r) => r.writeHead(404).end()).listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
  const replica = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  replicas.push(replica);
  const [line] = (await once(replica.stdout!, 'data')) as [Buffer];
  writeFileSync(pidFile(index), String(replica.pid));
  return `http://127.0.0.1:${line.toString().trim()}`;
}

function planWith(targets: readonly TargetRef[]): Plan {
  const base = planOf();
  const first = base.steps[0]!;
  const selection = { selected: 1, of: 2, percent: 50, rule: '1 of 2' };
  return { ...base, steps: targets.map((target, index) => ({ ...first, step: index + 1, ordinal: 1, target, selection })) };
}

const check = () => targetHealthy.check({ plan, platform } as GuardContext);
const end = async (replica: ChildProcess): Promise<void> => {
  replica.kill('SIGKILL');
  await once(replica, 'close');
};

describe('targets', () => {
  test('that are as planned and take requests are no reason not to start', async () => {
    expect(await check()).toEqual({ result: 'ok', reason: '4 target(s), as planned' });
  });

  test('that are gone block', async () => {
    await end(replicas[0]!);
    expect(await check()).toMatchObject({
      result: 'blocked',
      reason: expect.stringContaining('payments/payments-0 is not there any more'),
    });
  });

  test('that were replaced block, although something of that name is well', async () => {
    await end(replicas[0]!);
    await startReplica(0);
    expect(await check()).toMatchObject({ result: 'blocked', reason: expect.stringContaining('it was replaced') });
  });

  test('that are frozen block, although their port still takes connections', async () => {
    replicas[0]!.kill('SIGSTOP');
    expect(await check()).toMatchObject({
      result: 'blocked',
      reason: expect.stringContaining('payments/payments-0 does not take requests'),
    });
  });

  test('whose link takes no connection block', async () => {
    await new Promise((resolve) => link.close(resolve));
    expect(await check()).toMatchObject({
      result: 'blocked',
      reason: expect.stringContaining('link payments/fraud does not take requests'),
    });
  });

  test('of which another member is down are a warning: the share is larger than planned', async () => {
    await end(replicas[1]!);
    expect(await check()).toMatchObject({ result: 'warning', reason: expect.stringContaining('1 of 2 payments do not run') });
  });

  test('that cannot be asked block: not knowing is not fine', async () => {
    platform = { ...platform, problemWith: () => Promise.reject(new Error('EIO')) };
    expect(await check()).toMatchObject({ result: 'blocked', reason: expect.stringContaining('could not be asked: EIO') });
  });
});

describe('a look right before a stage is armed or released', () => {
  const unfit = (touched: boolean) =>
    targetsUnfit(plan, injectionSpecsOf(plan, 'run-1', '2026-01-01T00:00:00.000Z').slice(0, 1), { platform, touched });

  test('lets it go on when its targets are as planned, whatever became of others', async () => {
    await new Promise((resolve) => link.close(resolve));
    expect(await unfit(false)).toBeNull();
  });

  test('ends the run before anything is touched when one was replaced since', async () => {
    await end(replicas[0]!);
    await startReplica(0);
    expect(await unfit(false)).toMatchObject({
      ending: 'not-started',
      reason: expect.stringContaining('it was replaced'),
      abortedBy: { kind: 'guard', name: 'target-healthy' },
    });
    expect(await unfit(true)).toMatchObject({ ending: 'aborted' });
  });
});
