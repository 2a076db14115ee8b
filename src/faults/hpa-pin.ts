import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Fault } from './fault.ts';
import { autoscalerOf } from './shared/autoscalers.ts';
import type { Autoscaler } from './shared/autoscalers.ts';
import { claimOf } from './shared/claim.ts';
import { changeObject, holdObject, lookForEffect, readRestored, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { ownedBy, refuseOwned } from './shared/ownership.ts';
import { objectOf, plannedObject, refuseOtherThan } from './shared/workloads.ts';
import type { Workload } from './shared/workloads.ts';

const params = z.strictObject({ ownedBy });
type Params = z.infer<typeof params>;
type Undo = { readonly held: HeldObject; readonly replicas: number };

export const hpaPin: Fault<Params, Undo> = {
  name: 'hpa-pin',
  summary: 'Holds an autoscaled workload at the number of replicas that it has',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['workload'],
  agents: ['cluster'],
  needs: [
    { group: 'apps', resource: 'deployments', verbs: ['get'], scope: 'namespace' },
    { group: 'apps', resource: 'statefulsets', verbs: ['get'], scope: 'namespace' },
    { group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: ['get', 'list', 'patch', 'watch'], scope: 'namespace' },
  ],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { ownedBy }) {
    refuseOtherThan(['deployments', 'statefulsets'], target, 'no autoscaler scales it. Choose a Deployment or a StatefulSet');
    const workload = await plannedObject<Workload>(context, target);
    const autoscaler = await autoscalerOf(clusterOf(context), objectOf(target));
    const replicas = workload.spec.replicas ?? 1;
    const what = `${target.service}/${target.name}`;
    if (autoscaler === null) throw new AppError('target/none', `no HorizontalPodAutoscaler scales ${what}. Use scale`);
    if (replicas === 0)
      throw new AppError('target/none', `${what} has no replica, and an autoscaler that is held at none is off`);
    refuseOwned(autoscaler.object, autoscaler.ref, ownedBy);
    const changes = ['minReplicas', 'maxReplicas'].map((field) => ({ path: ['spec', field], after: replicas }));
    return { held: holdObject(autoscaler.object, autoscaler.ref, changes), replicas };
  },

  inject: (context, _target, _params, { held }) => changeObject(context, held),

  async verify(context, target, _params, { held, replicas }) {
    const { object, inEffect } = await lookForEffect(context, held);
    const { spec, status } = object as Autoscaler;
    const { minReplicas = 1, maxReplicas } = spec;
    return {
      present: inEffect,
      summary: `the autoscaler of ${target.name} may choose from ${minReplicas} to ${maxReplicas} replicas`,
      data: { minReplicas, maxReplicas, pinnedReplicas: replicas, currentReplicas: status?.currentReplicas ?? null },
    };
  },

  revert: (context, _target, { held }) => restoreObject(context, held),
  verifyReverted: (context, _target, { held }) => readRestored(context, held),
};
