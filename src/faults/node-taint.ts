import { z } from 'zod';
import { clusterOf } from './cluster-tools.ts';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { podsOnNode, refuseUntouchable } from './shared/evictions.ts';
import { changeObject, holdObject, lookForEffect, readRestored, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { nodeRef, plannedNode } from './shared/nodes.ts';

const params = z.strictObject({
  key: z
    .string()
    .regex(/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/, 'must be a key, such as firedrill.dev/drill')
    .refine((key) => !/(^|\.)(kubernetes|k8s)\.io\//.test(key), { message: 'is the cluster’s own: it would take it off again' })
    .default('firedrill.dev/drill'),
  value: z
    .string()
    .regex(/^([A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)?$/, 'must be a label value')
    .default(''),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .default('NoSchedule')
    .describe('NoExecute also ends what runs there and does not tolerate it, whatever its disruption budget says'),
});
type Params = z.infer<typeof params>;
type Undo = { readonly held: HeldObject };

export const nodeTaint: Fault<Params, Undo> = {
  name: 'node-taint',
  summary: 'Puts a taint on a node',
  effect: 'held',
  disruptsWhileHeld: ({ effect }) => effect === 'NoExecute',
  lifetime: 'persistent',
  targets: ['node'],
  agents: ['cluster'],
  needs: [
    { group: '', resource: 'nodes', verbs: ['get', 'list', 'patch', 'watch'], scope: 'cluster' },
    { group: '', resource: 'pods', verbs: ['list'], scope: 'cluster' },
  ],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { key, value, effect }) {
    const node = await plannedNode(context, target);
    if (effect === 'NoExecute') refuseUntouchable(context, target, await podsOnNode(clusterOf(context), target.name));
    const taint = value === '' ? { key, effect } : { key, value, effect };
    return { held: holdObject(node, nodeRef(target.name), [{ path: ['spec', 'taints', { key, effect }], after: taint }]) };
  },

  inject: (context, _target, _params, { held }) => changeObject(context, held),

  async verify(context, target, { key, effect }, { held }) {
    const { inEffect } = await lookForEffect(context, held);
    return {
      present: inEffect,
      summary: `node ${target.name} ${inEffect ? 'has' : 'has not'} the taint ${key}:${effect}`,
      data: { key, effect },
    };
  },

  revert: (context, _target, { held }) => restoreObject(context, held),

  verifyReverted: (context, _target, { held }) => readRestored(context, held),
};
