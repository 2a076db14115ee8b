import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { isAlive, readProcess } from '../../../src/adapters/host/processes.ts';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { ioStress } from '../../../src/faults/io-stress.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { startAgent } from '../../faults/start-agent.ts';
import { isSeen, until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { faultInPod } from './agent-pod.ts';
import { isReady, openSandbox, type Sandbox } from './cluster.ts';
import { restartCount, runContainer, runPod, targetOf, type Container } from './container.ts';
import { netemNode } from './netem-node.ts';

// The node of another kernel has one processor, which it emulates.
const limitMs = 300_000;
jest.setTimeout(limitMs);

const mebibyte = 2 ** 20;
const idle = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'];
const emptyDir = { volumes: [{ name: 'data', emptyDir: {} }], volumeMounts: [{ name: 'data', mountPath: '/data' }] };
const policy = { diskFill: { allowPaths: [], floorBytes: 4 * mebibyte } };

const run = (sandbox: Sandbox): Promise<Container> =>
  runContainer(sandbox, 'written', { command: idle, ...emptyDir, resources: { limits: { memory: '64Mi' } } });

const volumeOf = ({ target }: Pick<Container, 'target'>): TargetRef => ({
  ...target,
  kind: 'volume',
  name: `${target.name}/data`,
  locator: { ...target.locator, path: '/data', readOnly: false, volume: 'emptyDir', medium: null, sizeLimit: null },
});

const pidsOf = ({ figure }: Container): readonly number[] => figure('pids', 'cgroup.procs').trim().split('\n').map(Number);
/** By every process of the container, as the kernel counts it for each: this one keeps no such account of cgroups of version 1. */
function written(container: Container): number {
  return pidsOf(container).reduce((total, pid) => {
    const file = `/proc/${pid}/io`;
    return total + (existsSync(file) ? Number(/^write_bytes: (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1]) : 0);
  }, 0);
}
function isWritten(container: Container): Promise<boolean> {
  const before = written(container);
  return isSeen(() => written(container) - before > mebibyte / 4, 2000);
}
const left = ({ pid }: Container): readonly string[] => readdirSync(`/proc/${pid}/root/data`);

faultContract('io-stress', async () => {
  const sandbox = await openSandbox();
  const container = await run(sandbox);
  return {
    target: volumeOf(container),
    params: { bytes: '16MiB' },
    policy,
    place: container.place,
    broken: () => isWritten(container),
    dispose: sandbox.dispose,
  };
});

describe('io-stress on a real node', () => {
  let sandbox: Sandbox;
  let container: Container;
  beforeEach(async () => {
    sandbox = await openSandbox();
    container = await run(sandbox);
  });
  afterEach(() => sandbox.dispose());

  test('the container writes, a small write is timed before, meanwhile and after, and nothing is left in the volume', async () => {
    const act = await begin(ioStress, volumeOf(container), { workers: 2, bytes: '16MiB' }, { node: container.node, policy });
    expect(left(container)).toEqual([`.firedrill-${act.context.injectionId}`]);
    expect(await isWritten(container)).toBe(true);
    let seen = act.evidence;
    const takesWhatItMay = async (): Promise<boolean> => {
      seen = await ioStress.verify(act.context, act.target, act.params as never, act.undo as never);
      return Number(seen.data['loadsPerSecond']) > mebibyte / 4;
    };
    await until('it writes as much as it may', takesWhatItMay);
    expect(seen).toMatchObject({ present: true, data: { writeMs: expect.any(Number), writeMsBefore: expect.any(Number) } });
    const reverted = await finish(act);
    console.log('io-stress, ms:', { ...act.times, ...reverted.times }, seen.summary, '|', reverted.evidence.summary);
    expect(reverted.evidence).toMatchObject({ data: { left: 0, writeMs: expect.any(Number) } });
    expect(left(container)).toEqual([]);
    expect(await isWritten(container)).toBe(false);
    expect(await restartCount(sandbox, 'written')).toBe(0);
  });

  test('kill -9 of the agent leaves no load and no file within a second', async () => {
    const injectionId = 'io-killed-1';
    const params = { workers: 2, bytes: '16MiB' };
    const place = container.place;
    const agent = await startAgent({ fault: 'io-stress', injectionId, target: volumeOf(container), params, policy, place });
    await until('it writes', () => isWritten(container));
    const loads = pidsOf(container)
      .filter((pid) => pid !== container.pid)
      .map(readProcess);
    agent.kill('SIGKILL');
    await until('no load is left', () => loads.every((one) => one === null || !isAlive(one)), 1000);
    await until('no file is left', () => left(container).length === 0, 1000);
  });

  test('what loads of a killed agent left in a container that ended is taken away by the next one', async () => {
    const act = await begin(ioStress, volumeOf(container), { bytes: '16MiB' }, { node: container.node, policy });
    process.kill(container.pid, 'SIGKILL');
    await until('another runs', async () => (await restartCount(sandbox, 'written')) === 1, 20_000);
    await until('it is ready', async () => (await sandbox.pods('written')).some(isReady), 20_000);
    const successor = createContext(act.context.injectionId, policy, { node: container.node });
    const { evidence } = await finish({ ...act, context: successor });
    expect(evidence).toMatchObject({ present: false, data: { left: 0 } });
  });

  test('more than is free above the floor, and more than the volume may hold, is refused', async () => {
    const context = createContext('io-refused-1', policy, { node: container.node });
    const target = volumeOf(container);
    const small = { ...target, locator: { ...target.locator, sizeLimit: '8Mi' } };
    const prepare = (at: TargetRef, bytes: string) => ioStress.prepare(context, at, ioStress.params.parse({ bytes }));
    await expect(prepare(target, '100TiB')).rejects.toThrow(/are kept: .* do not fit/);
    await expect(prepare(small, '16MiB')).rejects.toThrow(/has a limit of 8Mi/);
    expect(left(container)).toEqual([]);
  });

  test('the load ends when others leave less than the floor', async () => {
    const act = await begin(ioStress, volumeOf(container), { bytes: '16MiB' }, { node: container.node, policy });
    const undo = { ...act.undo, floorBytes: 2 ** 60 };
    await finish(act);
    const again = { ...act, undo };
    await ioStress.arm?.(act.context, act.target, act.params as never, undo as never);
    await ioStress.inject(act.context, act.target, act.params as never, undo as never);
    await until('nothing is left', () => left(container).length === 0, 2000);
    expect(await ioStress.verify(act.context, act.target, act.params as never, undo as never)).toMatchObject({ present: false });
    await finish(again);
  });
});

const nodes = { 'cgroup version 1': async () => 'w1', 'cgroup version 2': netemNode };

test.each(Object.entries(nodes))('no more than the rights of a node agent are needed, with %s', async (version, nodeOf) => {
  const nodeName = await nodeOf();
  if (nodeName === null) return;
  const sandbox = await openSandbox();
  try {
    const securityContext = { runAsUser: 65534, runAsNonRoot: true, capabilities: { drop: ['ALL'] } };
    const pod = await runPod(sandbox, 'written', { command: idle, ...emptyDir, securityContext, nodeName }, limitMs);
    const target = volumeOf({ target: targetOf(pod) });
    const fault = await faultInPod(sandbox, nodeName, 'io-stress');
    const list = (): Promise<string> => kubectl('exec', '-n', sandbox.namespace, 'written', '--', 'ls', '-A', '/data');
    const act = await begin(fault, target, { bytes: '8MiB' }, { policy, patienceMs: 60_000 });
    expect(await list()).toContain('.firedrill-');
    const { present, summary, data } = await fault.verify(act.context, target, act.params, act.undo);
    expect(present).toBe(true);
    expect(Number(data['loadBytes'])).toBeGreaterThan(0);
    const reverted = await finish(act, { patienceMs: 60_000 });
    console.log(`io-stress, ${version}, ms:`, { ...act.times, ...reverted.times }, summary, '|', reverted.evidence.summary);
    expect((await list()).trim()).toBe('');
  } finally {
    await sandbox.dispose();
  }
});
