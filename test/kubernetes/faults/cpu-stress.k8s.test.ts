import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isAlive, readProcess } from '../../../src/adapters/host/processes.ts';
import { cpuStress } from '../../../src/faults/cpu-stress.ts';
import { createContext, type TestContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { startAgent } from '../../faults/start-agent.ts';
import { isSeen, until } from '../../faults/until.ts';
import { isReady, openSandbox, type Sandbox } from './cluster.ts';
import { coresOf, restartCount, runContainer, type Container } from './container.ts';

const idle = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'];
const limited = { limits: { cpu: '300m', memory: '64Mi' } };

faultContract('cpu-stress', async () => {
  const sandbox = await openSandbox();
  const container = await runContainer(sandbox, 'busy', { command: idle, resources: limited });
  return {
    target: container.target,
    params: { workers: 1, load: '100%' },
    place: container.place,
    broken: () => isSeen(async () => (await coresOf(container)) > 0.1, 2000),
    dispose: sandbox.dispose,
  };
});

describe('cpu-stress on a real node', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
  });
  afterEach(() => sandbox.dispose());

  const inject = async (context: TestContext, { target }: Container, written: object) => {
    const params = cpuStress.params.parse(written);
    const undo = await cpuStress.prepare(context, target, params);
    await cpuStress.arm?.(context, target, params, undo);
    await cpuStress.inject(context, target, params, undo);
    return { params, undo };
  };

  test('it is held back by the limit of the container, and the kernel counts each time', async () => {
    const container = await runContainer(sandbox, 'busy', { command: idle, resources: limited });
    const context = createContext('cpu-limit-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, { workers: 2 });
    await until('it is throttled', async () => Number(/nr_throttled (\d+)/.exec(container.figure('cpu', 'cpu.stat'))?.[1]) > 5);
    let evidence = await cpuStress.verify(context, container.target, params, undo);
    const takesItsShare = async (): Promise<boolean> =>
      Number((evidence = await cpuStress.verify(context, container.target, params, undo)).data['cores']) > 0.2;
    await until('it takes what the limit gives it', takesItsShare);
    expect(evidence).toMatchObject({ present: true, data: { limitCores: 0.3, askedCores: 2 } });
    expect(evidence.data['cores']).toBeLessThan(0.4);
    expect(evidence.data['throttled']).toBeGreaterThan(0);
    expect(evidence.summary).toMatch(/uses 0\.\d\d cores, was 0\.0\d; 2 asked, a limit of 0\.3, throttled in \d+ of \d+ periods/);
    await cpuStress.revert(context, container.target, undo);
    expect(await cpuStress.verifyReverted(context, container.target, undo)).toMatchObject({ present: false, data: { left: 0 } });
    expect(await coresOf(container)).toBeLessThan(0.05);
  });

  test('a load below one core is kept, where nothing limits it', async () => {
    const container = await runContainer(sandbox, 'busy', { command: idle });
    const context = createContext('cpu-load-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, { load: '30%' });
    const evidence = await cpuStress.verify(context, container.target, params, undo);
    expect(evidence).toMatchObject({ present: true, data: { limitCores: null, askedCores: 0.3 } });
    expect(evidence.summary).toMatch(/0\.3 asked, no limit$/);
    let cores = 0;
    await until('it works', async () => (cores = await coresOf(container)) > 0.1);
    expect(cores).toBeLessThan(0.5);
    await cpuStress.revert(context, container.target, undo);
  });

  test('it takes little of the memory of the container, for nothing of ours but the load is in there', async () => {
    const container = await runContainer(sandbox, 'busy', { command: idle, resources: limited });
    const context = createContext('cpu-memory-1', {}, { node: container.node });
    const before = Number(container.figure('memory', 'memory.usage_in_bytes'));
    const { undo } = await inject(context, container, {});
    await until('it works', async () => (await coresOf(container)) > 0.2);
    expect(Number(container.figure('memory', 'memory.usage_in_bytes')) - before).toBeLessThan(16 * 2 ** 20);
    await cpuStress.revert(context, container.target, undo);
  });

  test('a container that ends in the middle is started again at once, without the load, and the target is seen gone', async () => {
    const container = await runContainer(sandbox, 'busy', { command: idle, resources: limited });
    const context = createContext('cpu-restart-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, {});
    await until('it works', async () => (await coresOf(container)) > 0.1);
    const loads = pidsOf(container)
      .filter((pid) => pid !== container.pid && readComm(pid).startsWith('stress-ng'))
      .map(readProcess);
    expect(loads).toHaveLength(2);
    const looks: unknown[] = [];
    const look = (): Promise<unknown> =>
      cpuStress.verify(context, container.target, params, undo).then(
        ({ present }) => present,
        ({ code }: { code: string }) => code,
      );
    process.kill(container.pid, 'SIGKILL');
    const seenGone = until('the target is seen gone', async () => looks.push(await look()) > 0 && looks.at(-1) === 'target/none');
    await until('no load is left', () => loads.every((one) => one === null || !isAlive(one)), 1000);
    await seenGone;
    // Never that only the load was gone, though it ends in the same moment.
    expect(looks).not.toContain(false);
    await until('another runs', async () => (await restartCount(sandbox, 'busy')) === 1, 20_000);
    await until('it is ready', async () => (await sandbox.pods('busy')).some(isReady), 60_000);
    expect(await look()).toBe('target/none');
    await cpuStress.revert(context, container.target, undo);
    expect(await cpuStress.verifyReverted(context, container.target, undo)).toMatchObject({ present: false });
  });

  test('it needs nothing of the container: no shell, no root, no writable file', async () => {
    const container = await runContainer(sandbox, 'busy', {
      command: ['/usr/bin/sleep', '300'],
      securityContext: { runAsUser: 65534, runAsNonRoot: true, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    });
    const context = createContext('cpu-bare-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, {});
    expect(await cpuStress.verify(context, container.target, params, undo)).toMatchObject({ present: true });
    await cpuStress.revert(context, container.target, undo);
  });

  test('kill -9 of the agent leaves no load within a second', async () => {
    const container = await runContainer(sandbox, 'busy', { command: idle, resources: limited });
    const agent = await startAgent({
      fault: 'cpu-stress',
      injectionId: 'cpu-killed-1',
      target: container.target,
      params: { workers: 2 },
      policy: {},
      place: container.place,
    });
    const loads = pidsOf(container)
      .filter((pid) => pid !== container.pid)
      .map(readProcess);
    await until('it works', async () => (await coresOf(container)) > 0.1);
    agent.kill('SIGKILL');
    await until('no load is left', () => loads.every((one) => one === null || !isAlive(one)), 1000);
  });

  test('kill -9 of what supervises the load ends the load, and the effect is seen gone', async () => {
    const container = await runContainer(sandbox, 'busy', { command: idle, resources: limited });
    const context = createContext('cpu-orphan-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, { workers: 2 });
    const loads = (): number[] => pidsOf(container).filter((pid) => readComm(pid).startsWith('stress-ng'));
    await until('it works', () => loads().length === 3);
    const supervisor = loads()
      .map(parentOf)
      .find((pid) => !loads().includes(pid));
    process.kill(supervisor!, 'SIGKILL');
    await until('no load is left', () => loads().length === 0, 1000);
    expect(await cpuStress.verify(context, container.target, params, undo)).toMatchObject({ present: false });
    await cpuStress.revert(context, container.target, undo);
  });
});

function pidsOf({ figure }: Container): number[] {
  return figure('pids', 'cgroup.procs').trim().split('\n').map(Number);
}

function readComm(pid: number): string {
  return existsSync(`/proc/${pid}/comm`) ? readFileSync(`/proc/${pid}/comm`, 'utf8') : '';
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
