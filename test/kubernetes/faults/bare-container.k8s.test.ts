import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { faultInPod } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { coresOf, restartCount, runContainer, type Container } from './container.ts';

const patienceMs = 60_000;
jest.setTimeout(240_000);

const mebibyte = 2 ** 20;
/** Where such pods often run, and where this machine sees their processes. */
const nodeName = 'w1';
const policy = { diskFill: { allowPaths: [], floorBytes: 4 * mebibyte } };
const delayMs = 2_000;

let sandbox: Sandbox;
let container: Container;
let callee: string;
beforeAll(async () => {
  sandbox = await openSandbox();
  container = await runContainer(sandbox, 'bare', {
    image: imageReference('pause'),
    command: ['/usr/bin/pause'],
    nodeName,
    volumes: [{ name: 'data', emptyDir: {} }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    resources: { limits: { cpu: '300m', memory: '96Mi' } },
    securityContext: {
      runAsUser: 65534,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
  });
  const [web] = await sandbox.deploy('web', { replicas: 1 });
  callee = (web!.status as { podIP?: string }).podIP ?? '';
});
afterAll(() => sandbox.dispose());

test('it has no program but its own, a root that cannot be written, and a user who may do nothing', async () => {
  expect(readdirSync(`/proc/${container.pid}/root/usr/bin`)).toEqual(['pause']);
  await expect(kubectl('exec', '-n', sandbox.namespace, 'bare', '--', 'sh')).rejects.toThrow(/executable file not found/);
  const [, root = ''] = /^\S+ \/ \S+ (\S+)/m.exec(readFileSync(`/proc/${container.pid}/mounts`, 'utf8')) ?? [];
  expect(root.split(',')).toContain('ro');
  const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');
  expect(status).toMatch(/^Uid:\s+65534\s/m);
  expect(status).toMatch(/^CapBnd:\s+0+$/m);
});

interface Broken {
  readonly written: JsonObject;
  readonly target?: () => TargetRef;
  /** Seen from outside of the container, without the fault's help. */
  readonly felt: () => Promise<boolean>;
}

const volume = (): TargetRef => ({
  ...container.target,
  kind: 'volume',
  name: `${container.target.name}/data`,
  locator: { ...container.target.locator, path: '/data', readOnly: false, volume: 'emptyDir', medium: null, sizeLimit: null },
});
const link = (): TargetRef => ({
  ...container.target,
  kind: 'link',
  name: `${container.target.name} to web`,
  uid: `${container.target.uid}/web`,
  locator: {
    ...container.target.locator,
    podUid: container.target.uid,
    to: 'web',
    destinations: [{ address: callee, port: 8080, protocol: 'tcp' }],
    excluded: [],
  },
});
const left = async (): Promise<boolean> => readdirSync(`/proc/${container.pid}/root/data`).length > 0;
/** A call from within the pod's network, by this machine's program. */
async function callMs(): Promise<number> {
  const call = `const at = performance.now(); await (await fetch('http://${callee}:8080/healthz')).text(); console.log(performance.now() - at)`;
  const enter = ['--target', String(container.pid), '--net', '--', process.execPath, '--input-type=module', '-e', call];
  return Number((await promisify(execFile)('nsenter', enter)).stdout);
}

const faults: Readonly<Record<string, Broken>> = {
  'cpu-stress': { written: {}, felt: async () => (await coresOf(container)) > 0.1 },
  'memory-stress': {
    written: { limitPercent: '70%' },
    felt: async () => Number(container.figure('memory', 'memory.usage_in_bytes')) > 0.3 * 96 * mebibyte,
  },
  'disk-fill': { written: { bytes: '16MiB' }, target: volume, felt: left },
  'io-stress': { written: { bytes: '8MiB' }, target: volume, felt: left },
  'network-latency': {
    written: { delay: `${delayMs}ms`, connections: 'keep' },
    target: link,
    felt: async () => (await callMs()) >= delayMs,
  },
};

describe('of a container that has nothing but its program', () => {
  test.each(Object.entries(faults))('%s asks for nothing more', async (name, { written, target, felt }) => {
    expect(await felt()).toBe(false);
    const fault = await faultInPod(sandbox, nodeName, name);
    const act = await begin(fault, target?.() ?? container.target, written, { policy, patienceMs });
    await until('it is felt', felt, patienceMs);
    await finish(act, { patienceMs });
    await until('it is gone', async () => !(await felt()), patienceMs);
    expect(await restartCount(sandbox, 'bare')).toBe(0);
  });

  // The last: what runs then is another container.
  test('container-kill asks for nothing more', async () => {
    await begin(await faultInPod(sandbox, nodeName, 'container-kill'), container.target, {}, { patienceMs });
    await until('another runs', async () => (await restartCount(sandbox, 'bare')) === 1, patienceMs);
  });
});
