import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import type { FieldPath } from './shared/field-path.ts';
import {
  changeObject,
  hasFields,
  holdObject,
  lookAt,
  lookForEffect,
  restoredData,
  restoreObject,
  sayRestored,
} from './shared/held-object.ts';
import { ownedBy, refuseOwned } from './shared/ownership.ts';
import { badHistory, forgetBadTemplate, historyOf, isRolledOut, newPodsOf, stuckPodsOf, templatesOf } from './shared/rollouts.ts';
import type { RollingWorkload, RolloutBefore } from './shared/rollouts.ts';
import { refuseUnsafeRollout } from './shared/unsafe-rollouts.ts';
import { isObserved, objectOf, plannedObject, refuseOtherThan } from './shared/workloads.ts';

const environmentVariable = z.union([
  z.strictObject({ name: z.string().min(1), remove: z.literal(true) }),
  z.strictObject({ name: z.string().min(1), value: z.string().describe('never a secret: it is in the plan') }),
]);

const ways = ['image', 'env', 'readinessPath', 'command', 'liveness'] as const;

const params = z
  .strictObject({
    container: z.string().min(1).nullable().default(null).describe('which one; needed where there are several'),
    image: z.string().min(1).exactOptional().describe('an image that cannot be pulled, or a bad one'),
    env: environmentVariable.exactOptional().describe('one variable that is changed or missing'),
    readinessPath: z.string().startsWith('/').exactOptional().describe('a path that does not answer: the rollout never ends'),
    command: z.array(z.string()).min(1).exactOptional().describe('what the container runs instead'),
    liveness: z.literal('fail').exactOptional().describe('a liveness probe that always fails: the container restarts for ever'),
    allowAll: z.boolean().default(false).describe('needed for env and liveness, whose rollout may reach every pod'),
    ownedBy,
  })
  .refine((given) => ways.filter((way) => given[way] !== undefined).length === 1, { message: `write one of ${ways.join(', ')}` })
  .refine(({ env, liveness, allowAll }) => allowAll || (env === undefined && liveness === undefined), {
    message: 'new pods may be ready for a moment, so that the rollout goes on to every pod. Write allowAll: true if it may',
    path: ['allowAll'],
  });
type Params = z.infer<typeof params>;

/** How long a revert waits for the workload's controller, so that one revert is enough. */
const lookEveryMs = 50;
const mostLooks = 40;

export const badRollout: Fault<Params, RolloutBefore> = {
  name: 'bad-rollout',
  summary: 'Rolls out a Deployment or a StatefulSet with one thing wrong',
  effect: 'held',
  disruptsWhileHeld: () => true,
  lifetime: 'persistent',
  targets: ['workload'],
  agents: ['cluster'],
  needs: [
    { group: 'apps', resource: 'deployments', verbs: ['get', 'patch'], scope: 'namespace' },
    { group: 'apps', resource: 'replicasets', verbs: ['list', 'delete'], scope: 'namespace' },
    { group: 'apps', resource: 'statefulsets', verbs: ['get', 'patch'], scope: 'namespace' },
    { group: 'apps', resource: 'controllerrevisions', verbs: ['list', 'delete'], scope: 'namespace' },
    { group: '', resource: 'pods', verbs: ['list', 'delete'], scope: 'namespace' },
  ],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, params) {
    refuseOtherThan(['deployments', 'statefulsets'], target, whyNotDaemonSets);
    const ref = objectOf(target);
    const workload = await plannedObject<RollingWorkload>(context, target);
    refuseOwned(workload, ref, params.ownedBy);
    refuseUnsafeRollout(workload, target);
    return {
      held: holdObject(workload, ref, [changeOf(workload, target, params)]),
      templates: await templatesOf(context, workload),
      history: await historyOf(context, workload, ref),
    };
  },

  inject: (context, _target, _params, { held }) => changeObject(context, held),

  async verify(context, target, _params, undo) {
    const { object, inEffect } = await lookForEffect(context, undo.held);
    const { made, ready, ending, reasons } = await newPodsOf(context, object as RollingWorkload, undo);
    const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
    const going = ending === 0 ? '' : `; ${ending} of before on their way out`;
    return {
      // A StatefulSet ends a pod before it makes another in its place, and an end may take its time.
      present: inEffect && made + ending > 0,
      summary: `${made} pods of the bad template of ${target.name}, ${ready} of them ready${why}${going}`,
      data: { newPods: made, readyNewPods: ready, endingPods: ending, reasons: [...reasons] },
    };
  },

  async revert(context, _target, undo) {
    await restoreObject(context, undo.held);
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const workload = (await lookAt(context, undo.held)).object as RollingWorkload | null;
      if (workload === null) return;
      if (isObserved(workload)) return forgetBadTemplate(context, workload, undo);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  },

  async verifyReverted(context, target, undo) {
    const state = await lookAt(context, undo.held);
    const workload = state.object as RollingWorkload | null;
    // Whoever takes the mark off and leaves our change in it has made it theirs.
    if (workload === null || (!state.marked && hasFields(workload, undo.held))) {
      const left = workload === null ? sayRestored(state) : "is somebody else's by now, with what was changed of it";
      return { present: false, summary: `${target.name} ${left}`, data: restoredData(state) };
    }
    const { made } = await newPodsOf(context, workload, undo);
    const stuck = (await stuckPodsOf(context, workload, undo)).length;
    // What somebody else has made of it is theirs to roll out.
    const ours = state.changedByOthers.length === 0;
    const kept = (await badHistory(context, workload, undo)).length;
    const done = isRolledOut(workload) && made === 0 && kept === 0;
    return {
      present: state.marked || stuck > 0 || (ours && !done),
      summary: `${target.name} ${sayRestored(state)}, and ${done ? 'rolled out' : 'not rolled out yet'}; ${made} pods and ${kept} kept revisions of the bad template are left`,
      data: { newPods: made, badRevisions: kept, rolledOut: done, ...restoredData(state) },
    };
  },
};

const whyNotDaemonSets =
  'each of its pods is of a node, which a bad one leaves without what it does there. Choose a Deployment or a StatefulSet';

function changeOf(workload: RollingWorkload, target: TargetRef, params: Params): { path: FieldPath; after: Json } {
  const container = containerOf(workload, target, params.container);
  const path = ['spec', 'template', 'spec', 'containers', { name: container.name }];
  const { image, env, readinessPath, command } = params;
  if (image !== undefined) return { path: [...path, 'image'], after: image };
  if (command !== undefined) return { path: [...path, 'command'], after: command };
  if (env !== undefined) {
    return { path: [...path, 'env', { name: env.name }], after: 'remove' in env ? null : { name: env.name, value: env.value } };
  }
  if (readinessPath === undefined) return { path: [...path, 'livenessProbe'], after: failingProbe };
  if (container.readinessProbe?.httpGet === undefined) {
    throw new AppError(
      'target/none',
      `container ${container.name} of ${target.service}/${target.name} is not asked over HTTP whether it is ready`,
    );
  }
  return { path: [...path, 'readinessProbe', 'httpGet', 'path'], after: readinessPath };
}

/** Nothing listens on that port. With every default, so that it reads back as it was written. */
const failingProbe = { tcpSocket: { port: 1 }, periodSeconds: 1, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 1 };

function containerOf({ spec }: RollingWorkload, { service, name }: TargetRef, wanted: string | null) {
  const { containers } = spec.template.spec;
  const found = containers.length === 1 && wanted === null ? containers[0] : containers.find((each) => each.name === wanted);
  if (found !== undefined) return found;
  const names = containers.map((each) => each.name).join(', ');
  throw new AppError(
    'spec/invalid',
    `${service}/${name} has ${wanted === null ? 'several containers' : `no container ${wanted}`}. Write one of ${names} as container`,
  );
}
