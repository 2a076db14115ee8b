import { z } from 'zod';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { changeObject, lookForEffect, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { holdCordon, keepsPodsAway, plannedNode, readUncordoned } from './shared/nodes.ts';
import type { Node } from './shared/nodes.ts';

const params = z.strictObject({});
type Params = z.infer<typeof params>;
type Undo = { readonly held: HeldObject };

export const nodeCordon: Fault<Params, Undo> = {
  name: 'node-cordon',
  summary: 'Lets no new pod onto a node',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['node'],
  agents: ['cluster'],
  needs: [{ group: '', resource: 'nodes', verbs: ['get', 'list', 'patch', 'watch'], scope: 'cluster' }],
  params,

  claims: (target) => [claimOf(target)],

  prepare: async (context, target) => ({ held: holdCordon(await plannedNode(context, target)) }),

  inject: (context, _target, _params, { held }) => changeObject(context, held),

  async verify(context, target, _params, { held }) {
    const { object, inEffect } = await lookForEffect(context, held);
    // The node controller's taint is what the scheduler obeys; it follows the field.
    const present = inEffect && keepsPodsAway(object as Node);
    return {
      present,
      summary: `node ${target.name} ${present ? 'takes no new pods' : 'takes new pods'}`,
      data: { cordoned: present },
    };
  },

  revert: (context, _target, { held }) => restoreObject(context, held),

  verifyReverted: (context, _target, { held }) => readUncordoned(context, held),
};
