import { z } from 'zod';
import { milliseconds } from '../quantities.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import {
  evictOnce,
  forgetEvictions,
  podsOnNode,
  refuseEmptyDirs,
  refuseUntouchable,
  sayEvictions,
  statesOf,
  toEvict,
} from './shared/evictions.ts';
import type { PodToEvict } from './shared/evictions.ts';
import { changeObject, lookForEffect, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { holdCordon, plannedNode, readUncordoned } from './shared/nodes.ts';

const params = z
  .strictObject({
    timeout: milliseconds(1000, 3_600_000)
      .default(120_000)
      .describe('for so long pods that a disruption budget holds are asked for again; what is left then stays'),
    deleteEmptyDirData: z.boolean().default(false).describe('true where nobody needs what is in emptyDir volumes'),
  })
  .transform(({ timeout, deleteEmptyDirData }) => ({ timeoutMs: timeout, deleteEmptyDirData }));
type Params = z.infer<typeof params>;
type Undo = { readonly held: HeldObject; readonly pods: PodToEvict[] };

/** Until when pods are asked for again. Lost with the agent on purpose: an agent that restarts ends what it finds. */
const patientUntil = new Map<string, number>();

export const nodeDrain: Fault<Params, Undo> = {
  name: 'node-drain',
  summary: 'Cordons a node and evicts its pods, as far as their disruption budgets allow',
  effect: 'held',
  disruptsWhileHeld: () => true,
  lifetime: 'persistent',
  targets: ['node'],
  agents: ['cluster'],
  needs: [
    { group: '', resource: 'nodes', verbs: ['get', 'list', 'patch', 'watch'], scope: 'cluster' },
    { group: '', resource: 'pods', verbs: ['list'], scope: 'cluster' },
    { group: '', resource: 'pods/eviction', verbs: ['create'], scope: 'namespace' },
  ],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { deleteEmptyDirData }) {
    const held = holdCordon(await plannedNode(context, target));
    const pods = refuseUntouchable(context, target, await podsOnNode(clusterOf(context), target.name));
    if (!deleteEmptyDirData) refuseEmptyDirs(target, pods);
    return { held, pods: toEvict(pods) };
  },

  // One request per pod, after the cordon.
  patienceMs: (operation) => (operation === 'inject' ? 60_000 : 0),

  async inject(context, _target, { timeoutMs }, { held, pods }) {
    await changeObject(context, held);
    patientUntil.set(context.injectionId, performance.now() + timeoutMs);
    await evictOnce(context, pods);
  },

  async adjust(context, _target, _params, { pods }) {
    if (performance.now() < (patientUntil.get(context.injectionId) ?? 0)) await evictOnce(context, pods);
  },

  async verify(context, target, _params, { held, pods }) {
    const { inEffect } = await lookForEffect(context, held);
    const { summary, data, evicted } = sayEvictions(await statesOf(context, pods));
    return {
      present: inEffect && (evicted > 0 || pods.length === 0),
      summary: `node ${target.name} is ${inEffect ? '' : 'not '}cordoned; ${summary}`,
      data: { cordoned: inEffect, ...data },
    };
  },

  async revert(context, _target, { held }) {
    patientUntil.delete(context.injectionId);
    forgetEvictions(context);
    await restoreObject(context, held);
  },

  verifyReverted: (context, _target, { held }) => readUncordoned(context, held),
};
