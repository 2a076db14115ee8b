import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recycleVolumesOf } from '../../../lab/kubernetes/volumes.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { diskFill } from '../../../src/faults/disk-fill.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { core, isReady, openSandbox, type Sandbox } from './cluster.ts';
import { containerOf, restartCount, runContainer, type Container, type Shape } from './container.ts';

const mebibyte = 2 ** 20;
const idle = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'];
const policy = { diskFill: { allowPaths: [], floorBytes: 4 * mebibyte } };

const emptyDir = { volumes: [{ name: 'data', emptyDir: {} }], volumeMounts: [{ name: 'data', mountPath: '/data' }] };
const claim = {
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
};

/** Namespaces that had a volume, of the few that there are. */
const claimed: string[] = [];
afterAll(async () => {
  for (const namespace of claimed) await recycleVolumesOf(namespace);
});

async function runWithClaim(sandbox: Sandbox): Promise<Container> {
  claimed.push(sandbox.namespace);
  await sandbox.make(
    { ...core, resource: 'persistentvolumeclaims' },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Mi' } } },
    },
  );
  return runContainer(sandbox, 'filled', { command: idle, ...claim });
}

function volumeOf({ target }: Container, volume: JsonObject): TargetRef {
  return {
    ...target,
    kind: 'volume',
    name: `${target.name}/data`,
    locator: { ...target.locator, path: '/data', readOnly: false, ...volume },
  };
}

const ourFiles = ({ pid }: Container): readonly string[] =>
  readdirSync(`/proc/${pid}/root/data`).filter((name) => name.startsWith('.firedrill-'));

faultContract('disk-fill', async () => {
  const sandbox = await openSandbox();
  const container = await runContainer(sandbox, 'filled', { command: idle, ...emptyDir });
  return {
    target: volumeOf(container, { volume: 'emptyDir' }),
    params: { bytes: '16MiB' },
    policy,
    place: container.place,
    broken: async () => ourFiles(container).length > 0,
    dispose: sandbox.dispose,
  };
});

describe('disk-fill on volumes of pods', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
  });
  afterEach(() => sandbox.dispose());

  const fill = async (container: Container, volume: JsonObject, written: JsonObject) => {
    const target = volumeOf(container, volume);
    const context = createContext('pod-fill-1', policy, { node: container.node });
    const params = diskFill.params.parse(written);
    const undo = await diskFill.prepare(context, target, params);
    await diskFill.inject(context, target, params, undo);
    return {
      verify: () => diskFill.verify(context, target, params, undo),
      revert: () => diskFill.revert(context, target, undo),
      verifyReverted: () => diskFill.verifyReverted(context, target, undo),
    };
  };
  const ourFileIn = ({ pid }: Container): boolean => existsSync(`/proc/${pid}/root/data/.firedrill-pod-fill-1`);

  const kinds: Record<string, { shape: Partial<Shape>; volume: JsonObject }> = {
    'an emptyDir': { shape: emptyDir, volume: { volume: 'emptyDir', medium: null, sizeLimit: null } },
    'an emptyDir of a container whose own files are read only, and which is not root': {
      shape: { ...emptyDir, securityContext: { readOnlyRootFilesystem: true, runAsUser: 65534, runAsNonRoot: true } },
      volume: { volume: 'emptyDir', medium: null, sizeLimit: null },
    },
    "the container's own files": {
      shape: { command: ['sh', '-c', `mkdir -p /data; ${idle[2]}`], securityContext: { runAsUser: 0 } },
      volume: { volume: 'ephemeral' },
    },
  };
  test.each(Object.entries(kinds))('%s is filled by just as much, and only our file is taken away', async (name, kind) => {
    const container = await runContainer(sandbox, 'filled', { command: idle, ...kind.shape });
    await until('its directory is there', () => existsSync(`/proc/${container.pid}/root/data`));
    let from = performance.now();
    const elapsedMs = (): number => Math.round(performance.now() - from);
    const filling = await fill(container, kind.volume, { bytes: '32MiB' });
    expect(await filling.verify()).toMatchObject({ present: true, data: { filledBytes: 32 * mebibyte } });
    const verifiedMs = elapsedMs();
    expect(ourFileIn(container)).toBe(true);
    from = performance.now();
    await filling.revert();
    expect(ourFileIn(container)).toBe(false);
    expect(await filling.verifyReverted()).toMatchObject({ present: false });
    console.log(`disk-fill of ${name}, ms:`, { verifiedMs, goneMs: elapsedMs() });
  });

  test('what a container that was started again finds in its volume is taken away all the same', async () => {
    const container = await runContainer(sandbox, 'filled', { command: idle, ...emptyDir });
    const filling = await fill(container, { volume: 'emptyDir' }, { bytes: '32MiB' });
    process.kill(container.pid, 'SIGKILL');
    await until('another runs', async () => (await restartCount(sandbox, 'filled')) === 1, 20_000);
    await until('it is ready', async () => (await sandbox.pods('filled')).some(isReady), 20_000);
    const next = containerOf((await sandbox.pods('filled'))[0]!);
    expect(ourFileIn(next)).toBe(true);
    expect(await filling.verify()).toMatchObject({ present: true });
    await filling.revert();
    expect(ourFileIn(next)).toBe(false);
    expect(await filling.verifyReverted()).toMatchObject({ present: false });
  });

  const endPod = async ({ node, target }: Container): Promise<void> => {
    await sandbox.api.delete({ ...core, resource: 'pods', namespace: sandbox.namespace }, 'filled');
    await until('no process of it runs', async () => (await node.processesOf(target.uid)).length === 0, 20_000);
  };

  test('an emptyDir that is gone with its pod has taken our file with it', async () => {
    const container = await runContainer(sandbox, 'filled', { command: idle, ...emptyDir });
    const filling = await fill(container, { volume: 'emptyDir' }, { bytes: '16MiB' });
    await endPod(container);
    await filling.revert();
    expect(await filling.verifyReverted()).toMatchObject({ present: false });
  });

  test('a claim is filled to the share that was asked; one that outlived its pod still has our file, and says so', async () => {
    const container = await runWithClaim(sandbox);
    const free = (): number => {
      const { bavail, blocks } = statfsSync(`/proc/${container.pid}/root/data`);
      return bavail / blocks;
    };
    const filling = await fill(container, { volume: 'pvc', claim: 'data' }, { freePercent: '10%' });
    expect(free()).toBeCloseTo(0.1, 2);
    expect((await filling.verify()).summary).toMatch(/^\/data has 10\.0% free/);
    await filling.revert();
    expect(free()).toBeGreaterThan(0.8);
    expect(await filling.verifyReverted()).toMatchObject({ present: false });
    const again = await fill(container, { volume: 'pvc', claim: 'data' }, { bytes: '16MiB' });
    await endPod(container);
    await expect(again.revert()).rejects.toThrow(
      /for the pod has left this node. Start it again, or remove .firedrill-pod-fill-1/,
    );
  });

  test('it stops where the kubelet would begin to evict, unless that is what is asked', async () => {
    const container = await runContainer(sandbox, 'filled', { command: idle, ...emptyDir });
    const target = volumeOf(container, { volume: 'emptyDir' });
    const context = createContext('pod-evict-1', policy, { node: container.node });
    const prepare = (written: JsonObject) => diskFill.prepare(context, target, diskFill.params.parse(written));
    await expect(prepare({ freePercent: '10%' })).rejects.toMatchObject({ code: 'policy/denied' });
    expect((await prepare({ freePercent: '10%', allowEviction: true })).floorBytes).toBe(4 * mebibyte);
    await expect(prepare({ freePercent: '30%' })).resolves.toMatchObject({ directory: '/data' });
  });

  const refused: Record<string, [JsonObject, JsonObject, RegExp]> = {
    'more than an emptyDir may hold': [{ volume: 'emptyDir', sizeLimit: '64Mi' }, { bytes: '64MiB' }, /has a limit of 64Mi/],
    'a share of what has a limit of its own': [{ volume: 'emptyDir', sizeLimit: '64Mi' }, { freePercent: '30%' }, /Give bytes/],
    memory: [{ volume: 'emptyDir', medium: 'Memory' }, { bytes: '1MiB' }, /Use memory-stress/],
    'what may only be read': [{ volume: 'emptyDir', readOnly: true }, { bytes: '1MiB' }, /to be read only/],
    "a directory of the node's": [{ volume: 'hostPath' }, { bytes: '1MiB' }, /is a hostPath/],
    'a path with a link in it': [{ volume: 'ephemeral', path: '/linked' }, { bytes: '1MiB' }, /\/linked is a link/],
    'a path that is not there': [{ volume: 'ephemeral', path: '/nowhere' }, { bytes: '1MiB' }, /is not there in the container/],
  };
  test('these are refused, each with its reason', async () => {
    const command = ['sh', '-c', `ln -s /data /linked; ${idle[2]}`];
    const container = await runContainer(sandbox, 'filled', { command, ...emptyDir, securityContext: { runAsUser: 0 } });
    await until('its link is there', () => readdirSync(`/proc/${container.pid}/root`).includes('linked'));
    const context = createContext('pod-refused-1', policy, { node: container.node });
    for (const [volume, written, why] of Object.values(refused)) {
      const prepared = diskFill.prepare(context, volumeOf(container, volume), diskFill.params.parse(written));
      await expect(prepared).rejects.toThrow(why);
    }
  });
});
