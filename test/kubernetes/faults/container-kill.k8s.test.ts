import { describe, expect, test, beforeEach, afterEach } from '@jest/globals';
import { containerKill } from '../../../src/faults/container-kill.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { isReady, openSandbox, type Sandbox } from './cluster.ts';
import { containerOf, restartCount, runContainer } from './container.ts';

const ends = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];

faultContract('container-kill', async () => {
  const sandbox = await openSandbox();
  const { target, node, containerId } = await runContainer(sandbox, 'killed', { command: ends });
  return {
    target,
    params: { signal: 'kill' },
    lent: { node },
    broken: async () => (await node.findContainer({ podUid: target.uid, containerId })) === null,
    dispose: sandbox.dispose,
  };
});

describe('container-kill on a real node', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
  });
  afterEach(() => sandbox.dispose());

  const statusNow = async () => {
    const [pod] = await sandbox.pods('killed');
    const { containerStatuses = [] } = (pod?.status ?? {}) as {
      containerStatuses?: readonly { containerID?: string; lastState?: { terminated?: { exitCode: number } } }[];
    };
    return { id: containerStatuses[0]?.containerID ?? '', exitCode: containerStatuses[0]?.lastState?.terminated?.exitCode };
  };

  test.each([
    { signal: 'kill', exitCode: 137 },
    { signal: 'term', exitCode: 0 },
  ])('$signal ends the container, and the kubelet starts another with another id', async ({ signal, exitCode }) => {
    const { target, node, containerId } = await runContainer(sandbox, 'killed', { command: ends });
    const context = createContext(`kill-${signal}-1`, {}, { node });
    const params = containerKill.params.parse({ signal });
    const undo = await containerKill.prepare(context, target, params);
    const startedAt = performance.now();
    const elapsedMs = (): number => Math.round(performance.now() - startedAt);
    await containerKill.inject(context, target, params, undo);
    await until('it is seen gone', async () => (await containerKill.verify(context, target, params, undo)).present);
    const verifiedMs = elapsedMs();
    await until(
      'another runs',
      async () => (await restartCount(sandbox, 'killed')) === 1 && (await sandbox.pods('killed')).some(isReady),
      20_000,
    );
    console.log(`container-kill ${signal}, ms:`, { verifiedMs, replacedMs: elapsedMs() });
    expect(await statusNow()).toMatchObject({ exitCode });
    expect((await statusNow()).id).not.toContain(containerId);
    // The container of the plan stays gone, whatever runs in its place.
    expect((await containerKill.verify(context, target, params, undo)).present).toBe(true);
    await expect(containerKill.inject(context, target, params, undo)).rejects.toMatchObject({ code: 'target/none' });
    expect(containerOf((await sandbox.pods('killed'))[0]!).containerId).not.toBe(containerId);
  });

  test('it needs nothing of the container: no shell, no root, no writable file', async () => {
    const { target, node } = await runContainer(sandbox, 'killed', {
      command: ['/usr/bin/sleep', '300'],
      securityContext: { runAsUser: 65534, runAsNonRoot: true, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    });
    const context = createContext('kill-bare-1', {}, { node });
    const params = containerKill.params.parse({});
    const undo = await containerKill.prepare(context, target, params);
    await containerKill.inject(context, target, params, undo);
    await until('it is seen gone', async () => (await containerKill.verify(context, target, params, undo)).present);
  });

  test('a signal that its first process does not handle is refused: the kernel would drop it', async () => {
    const { target, node } = await runContainer(sandbox, 'killed', { command: ['/usr/bin/sleep', '300'] });
    const context = createContext('kill-deaf-1', {}, { node });
    await expect(containerKill.prepare(context, target, containerKill.params.parse({ signal: 'term' }))).rejects.toThrow(
      /no handler for SIGTERM/,
    );
  });

  test('a container that is not of the pod is refused with the names of those that are', async () => {
    const { target, node } = await runContainer(sandbox, 'killed', { command: ends });
    const context = createContext('kill-other-1', {}, { node });
    const params = containerKill.params.parse({ container: 'sidecar' });
    await expect(containerKill.prepare(context, target, params)).rejects.toThrow(/runs no container sidecar. Choose one of main/);
  });
});
