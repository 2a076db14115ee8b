import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { isAllowedNode } from '../domain/plan/allowed-nodes.ts';
import { isExcluded } from '../domain/plan/exclusion.ts';
import { leftInPlaceOf } from '../domain/injection/revert-evidence.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { milliseconds } from '../quantities.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import {
  evictOnce,
  forgetEvictions,
  refuseEmptyDirs,
  refuseExcluded,
  sayEvictions,
  statesOf,
  toEvict,
} from './shared/evictions.ts';
import type { PodToEvict } from './shared/evictions.ts';
import { excluded } from './shared/exclusion.ts';
import { changeObject, lookAt, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { holdCordon, readUncordoned } from './shared/nodes.ts';
import type { Node } from './shared/nodes.ts';
import { isReady } from './shared/pods.ts';
import { plannedObject, podsOfWorkload, refuseOtherThan } from './shared/workloads.ts';
import type { Workload } from './shared/workloads.ts';

const params = z
  .strictObject({
    zone: z.string().min(1).describe('the value of the nodes’ label topology.kubernetes.io/zone'),
    timeout: milliseconds(1000, 3_600_000)
      .default(120_000)
      .describe('for so long pods that a disruption budget holds are asked for again; what is left then stays'),
    deleteEmptyDirData: z.boolean().default(false).describe('true where nobody needs what is in emptyDir volumes'),
  })
  .transform(({ zone, timeout, deleteEmptyDirData }) => ({ zone, timeoutMs: timeout, deleteEmptyDirData }));
type Params = z.infer<typeof params>;
type Undo = { readonly cordons: HeldObject[]; readonly pods: PodToEvict[] };

/** Until when pods are asked for again. Lost with the agent on purpose: an agent that restarts ends what it finds. */
const patientUntil = new Map<string, number>();

export const zoneEvict: Fault<Params, Undo> = {
  name: 'zone-evict',
  summary: 'Cordons the nodes of a zone and evicts the pods that one workload has there',
  effect: 'held',
  disruptsWhileHeld: () => true,
  lifetime: 'persistent',
  targets: ['workload'],
  agents: ['cluster'],
  needs: [
    { group: '', resource: 'nodes', verbs: ['get', 'list', 'patch', 'watch'], scope: 'cluster' },
    { group: '', resource: 'pods', verbs: ['list'], scope: 'namespace' },
    { group: '', resource: 'pods/eviction', verbs: ['create'], scope: 'namespace' },
    { group: 'apps', resource: 'deployments', verbs: ['get'], scope: 'namespace' },
    { group: 'apps', resource: 'statefulsets', verbs: ['get'], scope: 'namespace' },
  ],
  params,

  claims: (target, { zone }) => [claimOf(target), `zone:${zone}`],

  async prepare(context, target, { zone, deleteEmptyDirData }) {
    refuseOtherThan(
      ['deployments', 'statefulsets'],
      target,
      'its pods are where they are put. Choose a Deployment or a StatefulSet',
    );
    const cluster = clusterOf(context);
    const labelSelector = `topology.kubernetes.io/zone=${zone}`;
    const nodes = await cluster.list<Node>({ apiVersion: 'v1', resource: 'nodes', namespace: null }, { labelSelector });
    const names = nodes.map(({ metadata }) => metadata.name);
    const all = (await podsOfWorkload(cluster, await plannedObject<Workload>(context, target))).filter(isReady);
    const pods = all.filter(({ spec }) => names.includes(spec.nodeName ?? ''));
    refuseNoneOrAll(target, zone, pods.length, all.length);
    refuseExcluded(pods);
    if (!deleteEmptyDirData) refuseEmptyDirs(target, pods);
    // What somebody else has cordoned is so already, and stays so.
    const open = nodes.filter(({ spec }) => spec.unschedulable !== true);
    refuseNodes(context, open);
    return { cordons: open.map(holdCordon), pods: toEvict(pods) };
  },

  patienceMs: (operation) => (operation === 'inject' ? 60_000 : 0),

  async inject(context, _target, { timeoutMs }, { cordons, pods }) {
    await Promise.all(cordons.map((held) => changeObject(context, held)));
    patientUntil.set(context.injectionId, performance.now() + timeoutMs);
    await evictOnce(context, pods);
  },

  async adjust(context, _target, _params, { pods }) {
    if (performance.now() < (patientUntil.get(context.injectionId) ?? 0)) await evictOnce(context, pods);
  },

  async verify(context, _target, { zone }, { cordons, pods }) {
    const cordoned = await countCordoned(context, cordons);
    const { summary, data, evicted } = sayEvictions(await statesOf(context, pods));
    return {
      present: cordoned === cordons.length && evicted > 0,
      summary: `${cordoned} of ${cordons.length} nodes of zone ${zone} are cordoned; ${summary}`,
      data: { cordoned, nodes: cordons.map(({ ref }) => ref.name), ...data },
    };
  },

  async revert(context, _target, { cordons }) {
    patientUntil.delete(context.injectionId);
    forgetEvictions(context);
    await Promise.all(cordons.map((held) => restoreObject(context, held)));
  },

  async verifyReverted(context, _target, { cordons }) {
    const reads = await Promise.all(cordons.map((held) => readUncordoned(context, held)));
    return {
      present: reads.some(({ present }) => present),
      summary: reads.map(({ summary }) => summary).join('; ') || 'no node was cordoned',
      data: {
        nodes: reads.map(({ data }, index) => ({ node: cordons[index]?.ref.name ?? null, ...data })),
        leftInPlace: reads.flatMap(({ data }, index) =>
          leftInPlaceOf({ data }).map((field) => `${cordons[index]?.ref.name}: ${field}`),
        ),
      },
    };
  },
};

async function countCordoned(context: FaultContext, cordons: readonly HeldObject[]): Promise<number> {
  const states = await Promise.all(cordons.map((held) => lookAt(context, held, 'look')));
  return states.filter(({ inEffect }) => inEffect).length;
}

/** The target is a workload, and so nobody has asked yet about the nodes that are cordoned for it. */
function refuseNodes({ policy }: FaultContext, nodes: readonly Node[]): void {
  for (const node of nodes) {
    const what = `node ${node.metadata.name}`;
    if (isExcluded(node)) throw excluded(what);
    if (isAllowedNode(node.metadata.name, policy.allowNodes)) continue;
    throw new AppError(
      'policy/denied',
      `${what} of the zone is not among allowNodes of this agent's policy. Allow it, or choose another zone`,
    );
  }
}

function refuseNoneOrAll({ service, name }: TargetRef, zone: string, there: number, all: number): void {
  if (there === 0) throw new AppError('target/none', `${service}/${name} has no ready pod in zone ${zone}. Choose another zone`);
  if (there < all) return;
  throw new AppError(
    'plan/blast-radius',
    `all ${all} ready pods of ${service}/${name} are in zone ${zone}: none would be left. Spread them, or choose another zone`,
  );
}
