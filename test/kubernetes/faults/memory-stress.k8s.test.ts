import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isAlive, readProcess } from '../../../src/adapters/host/processes.ts';
import { memoryStress } from '../../../src/faults/memory-stress.ts';
import { createContext, type TestContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { startAgent } from '../../faults/start-agent.ts';
import { until } from '../../faults/until.ts';
import { isReady, openSandbox, type Sandbox } from './cluster.ts';
import { restartCount, runContainer, type Container } from './container.ts';

const idle = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'];
const mebibyte = 2 ** 20;
const limitBytes = 96 * mebibyte;
const limited = { limits: { memory: '96Mi' }, requests: { memory: '32Mi' } };
const usedBy = ({ figure }: Container): number => Number(figure('memory', 'memory.usage_in_bytes'));

/** Takes that much more itself, once it is told to grow. */
function growingContainer(sandbox: Sandbox, bytes: number): Promise<Container> {
  const grows = `trap "exit 0" TERM; while ! [ -e /cache/go ]; do sleep 0.05; done; head -c ${bytes} /dev/zero > /cache/grown; sleep 300 & wait`;
  return runContainer(sandbox, 'eater', {
    command: ['sh', '-c', grows],
    resources: limited,
    volumes: [{ name: 'cache', emptyDir: { medium: 'Memory' } }],
    volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
  });
}
const grow = ({ host }: TestContext, { pid }: Container): Promise<unknown> => host.run(['touch', `/proc/${pid}/root/cache/go`]);

faultContract('memory-stress', async () => {
  const sandbox = await openSandbox();
  const container = await runContainer(sandbox, 'eater', { command: idle, resources: limited });
  return {
    target: container.target,
    params: { limitPercent: '70%' },
    place: container.place,
    // Verified from half of what is asked: the rest comes in the moment after.
    broken: async () => usedBy(container) > 0.3 * limitBytes,
    dispose: sandbox.dispose,
  };
});

describe('memory-stress on a real node', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
  });
  afterEach(() => sandbox.dispose());

  const inject = async (context: TestContext, { target }: Container, written: object) => {
    const params = memoryStress.params.parse(written);
    const undo = await memoryStress.prepare(context, target, params);
    await memoryStress.arm?.(context, target, params, undo);
    await memoryStress.inject(context, target, params, undo);
    return { params, undo };
  };

  test('it fills to the share that was asked, and gives all of it back', async () => {
    const container = await runContainer(sandbox, 'eater', { command: idle, resources: limited });
    const context = createContext('memory-share-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, { limitPercent: '80%' });
    const share = async (): Promise<number> => {
      const { data } = await memoryStress.verify(context, container.target, params, undo);
      return Number(data['usedBytes']) / limitBytes;
    };
    await until('most of it is taken', async () => (await share()) >= 0.8);
    expect(await share()).toBeLessThan(0.9);
    const { summary } = await memoryStress.verify(context, container.target, params, undo);
    expect(summary).toMatch(/^eater\/main uses 8\d\.\d% of 96\.0 MiB, was \d\.\d%$/);
    await memoryStress.revert(context, container.target, undo);
    expect(usedBy(container)).toBeLessThan(0.2 * limitBytes);
    expect(await memoryStress.verifyReverted(context, container.target, undo)).toMatchObject({ present: false });
    expect(await restartCount(sandbox, 'eater')).toBe(0);
  });

  test('a ramp rises by steps, and measures before each what the container itself takes', async () => {
    const container = await growingContainer(sandbox, 15_000_000);
    const context = createContext('memory-ramp-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, { limitPercent: '80%', ramp: '4s' });
    const share = (): number => usedBy(container) / limitBytes;
    const reaches = async (goal: number): Promise<void> => {
      await until(`${goal} of the limit is taken`, () => share() > goal - 0.05);
      expect(share()).toBeLessThan(goal + 0.1);
    };
    await reaches(0.2);
    await memoryStress.adjust?.(context, container.target, params, undo);
    await reaches(0.4);
    await grow(context, container);
    await reaches(0.55);
    for (const goal of [0.6, 0.8]) {
      await memoryStress.adjust?.(context, container.target, params, undo);
      await reaches(goal);
    }
    await memoryStress.revert(context, container.target, undo);
  });

  test('a container that fills slower than the ramp rises is not filled beyond what was asked', async () => {
    const container = await runContainer(sandbox, 'eater', { command: idle, resources: limited });
    const context = createContext('memory-slow-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, { limitPercent: '80%', ramp: '4s' });
    for (let step = 0; step < 4; step += 1) await memoryStress.adjust?.(context, container.target, params, undo);
    await until('it is filled', () => usedBy(container) > 0.75 * limitBytes);
    const { data } = await memoryStress.verify(context, container.target, params, undo);
    expect(Number(data['askedBytes'])).toBeLessThan(0.8 * limitBytes);
    expect(data).toMatchObject({ givenBack: 0 });
    expect(Number(data['mostBytes'])).toBeLessThan(0.9 * limitBytes);
    await memoryStress.revert(context, container.target, undo);
  });

  test('it gives way when the container needs the memory, and nothing is killed', async () => {
    const container = await growingContainer(sandbox, 40_000_000);
    const context = createContext('memory-guard-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, { limitPercent: '70%', floor: '15%' });
    await until('most of it is taken', () => usedBy(container) > 0.65 * limitBytes);
    await grow(context, container);
    await until('the load has given way', async () => {
      const { data } = await memoryStress.verify(context, container.target, params, undo);
      return Number(data['givenBack']) > 0;
    });
    expect(await memoryStress.verify(context, container.target, params, undo)).toMatchObject({
      present: false,
      gaveBack: expect.stringMatching(/needed the memory/) as unknown,
    });
    expect(await restartCount(sandbox, 'eater')).toBe(0);
    expect((await sandbox.pods('eater')).some(isReady)).toBe(true);
    await memoryStress.revert(context, container.target, undo);
  });

  test('on purpose, the kernel ends the container and says so', async () => {
    const container = await runContainer(sandbox, 'eater', { command: idle, resources: limited });
    const context = createContext('memory-oom-1', {}, { node: container.node });
    const { params, undo } = await inject(context, container, { limitPercent: '100%', allowOom: true });
    await until('it was started again', async () => (await restartCount(sandbox, 'eater')) > 0, 20_000);
    const [pod] = await sandbox.pods('eater');
    expect(JSON.stringify(pod?.status)).toContain('OOMKilled');
    expect(await memoryStress.verify(context, container.target, params, undo)).toMatchObject({
      present: true,
      summary: 'eater/main has ended, under load',
    });
    await memoryStress.revert(context, container.target, undo);
    expect(await memoryStress.verifyReverted(context, container.target, undo)).toMatchObject({ present: false });
  });

  test('a container without a memory limit is refused, and so is one that has not that much left', async () => {
    const free = await runContainer(sandbox, 'free', { command: idle });
    const context = createContext('memory-none-1', {}, { node: free.node });
    const params = memoryStress.params.parse({ limitPercent: '80%' });
    await expect(memoryStress.prepare(context, free.target, params)).rejects.toThrow(/no memory limit/);
    const eater = await runContainer(sandbox, 'eater', { command: idle, resources: limited });
    const beside = createContext('memory-none-2', {}, { node: eater.node });
    const little = memoryStress.params.parse({ limitPercent: '1%' });
    await expect(memoryStress.prepare(beside, eater.target, little)).rejects.toThrow(/nothing to fill/);
  });

  test('kill -9 of the agent gives everything back', async () => {
    const container = await runContainer(sandbox, 'eater', { command: idle, resources: limited });
    const agent = await startAgent({
      fault: 'memory-stress',
      injectionId: 'memory-killed-1',
      target: container.target,
      params: { limitPercent: '80%' },
      policy: {},
      place: container.place,
    });
    await until('most of it is taken', () => usedBy(container) > 0.7 * limitBytes);
    const loads = container
      .figure('pids', 'cgroup.procs')
      .trim()
      .split('\n')
      .map(Number)
      .filter((pid) => pid !== container.pid);
    const identities = loads.map((pid) => readProcess(pid));
    agent.kill('SIGKILL');
    await until('it is given back', () => usedBy(container) < 0.3 * limitBytes, 1000);
    await until('no load is left', () => identities.every((one) => one === null || !isAlive(one)), 1000);
  });
});

describe('the parameters of memory-stress', () => {
  test.each([
    { limitPercent: '96%' },
    { limitPercent: '0%' },
    { limitPercent: '80%', floor: '30%' },
    { limitPercent: '80%', ramp: '500ms' },
  ])('%j is refused', (params) => {
    expect(memoryStress.params.safeParse(params).success).toBe(false);
  });
});
