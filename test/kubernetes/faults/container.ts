import { readFileSync, readdirSync } from 'node:fs';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { createNodeTools } from '../../../src/adapters/node/tools.ts';
import { readConfig } from '../../../src/config.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { NodeTools } from '../../../src/faults/node-tools.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import { until } from '../../faults/until.ts';
import { core, isReady, type Sandbox } from './cluster.ts';

/** A pod of one container, as a test wants it. */
export interface Shape {
  /** That of the demo's services, by default. */
  readonly image?: string;
  readonly command: readonly string[];
  readonly nodeName?: string;
  readonly resources?: JsonObject;
  readonly securityContext?: JsonObject;
  readonly volumes?: readonly JsonObject[];
  readonly volumeMounts?: readonly JsonObject[];
}

/** A real container on a real node of the cluster, whose processes this machine sees. */
export interface Container {
  readonly pod: string;
  readonly target: TargetRef;
  readonly containerId: string;
  /** Its first process, as this machine sees it. */
  readonly pid: number;
  /** What an agent on its node would be lent. */
  readonly node: NodeTools;
  readonly place: { readonly node: string; readonly firstPid: number };
  /** A file of its cgroup, read beside the fault. */
  figure(controller: string, file: string): string;
}

/** Waits until it is ready. */
export async function runContainer(sandbox: Sandbox, name: string, shape: Shape): Promise<Container> {
  return containerOf(await runPod(sandbox, name, shape));
}

/** The same on a node that need not be of this machine's kernel, and that may be slow. */
export async function runPod(sandbox: Sandbox, name: string, shape: Shape, patienceMs = 60_000): Promise<Pod> {
  const { image = imageReference('app'), nodeName, command, resources = {}, securityContext = {} } = shape;
  const { volumes = [], volumeMounts = [] } = shape;
  await sandbox.make(
    { ...core, resource: 'pods' },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name } },
      spec: {
        ...(nodeName === undefined ? {} : { nodeName }),
        terminationGracePeriodSeconds: 1,
        volumes: [...volumes],
        containers: [
          {
            name: 'main',
            image,
            imagePullPolicy: 'IfNotPresent',
            command: [...command],
            resources,
            securityContext,
            volumeMounts: [...volumeMounts],
          },
        ],
      },
    },
  );
  await until(`pod ${name} is ready`, async () => (await sandbox.pods(name)).some(isReady), patienceMs);
  return (await sandbox.pods(name))[0]!;
}

/** As a plan names it. */
export function targetOf(pod: Pod): TargetRef {
  const statuses = (pod.status as { containerStatuses?: readonly { name: string; containerID: string }[] }).containerStatuses;
  const containers = (statuses ?? []).map(({ name, containerID }) => ({ name, id: containerID.replace(/^.*:\/\//, '') }));
  const { name, uid, namespace = '' } = pod.metadata;
  const node = pod.spec.nodeName ?? '';
  const locator = { namespace, pod: name, node, container: 'main', containers, hostNetwork: false };
  return { kind: 'pod', service: 'web', name, uid, locator };
}

/** The container of a running pod, with all that a plan says of it. */
export function containerOf(pod: Pod): Container {
  const target = targetOf(pod);
  const node = pod.spec.nodeName ?? '';
  const [{ id: containerId } = { id: '' }] = target.locator['containers'] as { id: string }[];
  const pid = firstProcessOf(containerId);
  const firstPid = nodeInitOf(pid);
  return {
    pod: target.name,
    containerId,
    pid,
    place: { node, firstPid },
    node: createNodeTools(node, firstPid, readConfig().programs),
    target,
    figure(controller, file) {
      const line = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
        .split('\n')
        .find((one) => one.split(':')[1]?.split(',').includes(controller));
      return readFileSync(`/sys/fs/cgroup/${controller}${line?.split(':')[2]}/${file}`, 'utf8');
    },
  };
}

/** Cores in use, from the kernel's account, over 400 ms. */
export async function coresOf({ figure }: Container): Promise<number> {
  const [before, at] = [Number(figure('cpuacct', 'cpuacct.usage')), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 400));
  return (Number(figure('cpuacct', 'cpuacct.usage')) - before) / 1e6 / (performance.now() - at);
}

export async function restartCount(sandbox: Sandbox, name: string): Promise<number> {
  const [pod] = await sandbox.pods(name);
  const { containerStatuses } = (pod?.status ?? {}) as { containerStatuses?: readonly { restartCount: number }[] };
  return containerStatuses?.[0]?.restartCount ?? 0;
}

/** `kill -9` of its first process; the kubelet starts it again. */
export async function killPod(sandbox: Sandbox, name: string): Promise<void> {
  const { pid } = containerOf((await sandbox.pods(name))[0]!);
  process.kill(pid, 'SIGKILL');
}

function firstProcessOf(containerId: string): number {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && textOf(`/proc/${name}/cgroup`).includes(containerId))
    .map(Number)
    .find((pid) => namespacePids(pid).at(-1) === 1);
  if (found === undefined) throw new Error(`no process of container ${containerId} on this machine`);
  return found;
}

/** The nearest process above that is the first one of the node's process namespace. */
function nodeInitOf(pid: number): number {
  const depth = namespacePids(pid).length - 1;
  for (let above = pid; above > 1; above = Number(/^PPid:\s+(\d+)/m.exec(textOf(`/proc/${above}/status`))?.[1] ?? 0)) {
    const pids = namespacePids(above);
    if (pids.length === depth && pids.at(-1) === 1) return above;
  }
  throw new Error(`process ${pid} is below no node`);
}

function namespacePids(pid: number): number[] {
  return (/^NSpid:\s+(.+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? '').split('\t').map(Number);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
