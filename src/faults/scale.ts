import { z } from 'zod';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { changeObject, restoreObject } from './shared/held-object.ts';
import { ownedBy } from './shared/ownership.ts';
import { holdReplicas, needsOfReplicas, readReplicas, readReplicasBack } from './shared/replicas.ts';
import type { HeldReplicas } from './shared/replicas.ts';

const params = z.strictObject({
  replicas: z.int().min(1).max(1000).describe('how many, from 1: to have none, use consumer-pause'),
  ownedBy,
});
type Params = z.infer<typeof params>;

export const scale: Fault<Params, HeldReplicas> = {
  name: 'scale',
  summary: 'Gives a workload another number of replicas',
  effect: 'held',
  disruptsWhileHeld: () => true,
  lifetime: 'persistent',
  targets: ['workload'],
  agents: ['cluster'],
  needs: needsOfReplicas,
  params,

  claims: (target) => [claimOf(target)],
  prepare: (context, target, params) => holdReplicas(context, target, params),
  inject: (context, _target, _params, { held }) => changeObject(context, held),
  verify: (context, target, { replicas }, undo) => readReplicas(context, target, undo, replicas),
  revert: (context, _target, { held }) => restoreObject(context, held),
  verifyReverted: readReplicasBack,
};
