import { z } from 'zod';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { changeObject, restoreObject } from './shared/held-object.ts';
import { ownedBy } from './shared/ownership.ts';
import { holdReplicas, needsOfReplicas, readReplicas, readReplicasBack } from './shared/replicas.ts';
import type { HeldReplicas } from './shared/replicas.ts';

const params = z.strictObject({ ownedBy });
type Params = z.infer<typeof params>;

export const consumerPause: Fault<Params, HeldReplicas> = {
  name: 'consumer-pause',
  summary: 'Stops every pod of a consumer, so that what it consumes piles up',
  effect: 'held',
  disruptsWhileHeld: () => true,
  lifetime: 'persistent',
  targets: ['workload'],
  agents: ['cluster'],
  needs: needsOfReplicas,
  params,

  claims: (target) => [claimOf(target)],
  prepare: (context, target, { ownedBy }) => holdReplicas(context, target, { replicas: 0, ownedBy }),
  inject: (context, _target, _params, { held }) => changeObject(context, held),
  verify: (context, target, _params, undo) => readReplicas(context, target, undo, 0),
  revert: (context, _target, { held }) => restoreObject(context, held),
  verifyReverted: readReplicasBack,
};
