import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import type { FieldPath } from './shared/field-path.ts';
import { changeObject, holdObject, lookAt, lookForEffect, restoreObject, sayRestored } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { ownedBy, refuseOwned } from './shared/ownership.ts';
import {
  badHistory,
  forgetBadHistory,
  historyOf,
  isRolledOut,
  newPodsOf,
  refuseUnsafeRollout,
  templatesOf,
} from './shared/rollouts.ts';
import type { Deployment } from './shared/rollouts.ts';
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
/** `templates`: of the pods that were there. `history`: the ReplicaSets that were there. */
type Undo = { readonly held: HeldObject; readonly templates: string[]; readonly history: string[] };

/** How long a revert waits for the Deployment's controller, so that one revert is enough. */
const lookEveryMs = 50;
const mostLooks = 40;

export const badRollout: Fault<Params, Undo> = {
  name: 'bad-rollout',
  summary: 'Rolls out a Deployment with one thing wrong',
  effect: 'held',
  disruptsWhileHeld: () => true,
  lifetime: 'persistent',
  targets: ['workload'],
  agents: ['cluster'],
  needs: [
    { group: 'apps', resource: 'deployments', verbs: ['get', 'patch'], scope: 'namespace' },
    { group: 'apps', resource: 'replicasets', verbs: ['list', 'delete'], scope: 'namespace' },
    { group: '', resource: 'pods', verbs: ['list'], scope: 'namespace' },
  ],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, params) {
    refuseOtherThan(['deployments'], target, 'only a Deployment takes a bad template back by itself. Choose one');
    const ref = objectOf(target);
    const deployment = await plannedObject<Deployment>(context, target);
    refuseOwned(deployment, ref, params.ownedBy);
    refuseUnsafeRollout(deployment, target);
    const held = holdObject(deployment, ref, [changeOf(deployment, target, params)]);
    return { held, templates: await templatesOf(context, deployment), history: await historyOf(context, deployment) };
  },

  inject: (context, _target, _params, { held }) => changeObject(context, held),

  async verify(context, target, _params, { held, templates }) {
    const { object, inEffect } = await lookForEffect(context, held);
    const { made, ready, reasons } = await newPodsOf(context, object as Deployment, templates);
    const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
    return {
      present: inEffect && made > 0,
      summary: `${made} pods of the bad template of ${target.name}, ${ready} of them ready${why}`,
      data: { newPods: made, readyNewPods: ready, reasons: [...reasons] },
    };
  },

  async revert(context, _target, { held, history }) {
    await restoreObject(context, held);
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const deployment = (await lookAt(context, held)).object as Deployment | null;
      if (deployment === null) return;
      if (isObserved(deployment)) return forgetBadHistory(context, deployment, { held, history });
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  },

  async verifyReverted(context, target, { held, templates, history }) {
    const state = await lookAt(context, held);
    const deployment = state.object as Deployment | null;
    if (deployment === null) return { present: false, summary: `${target.name} ${sayRestored(state)}`, data: {} };
    const { made } = await newPodsOf(context, deployment, templates);
    // What somebody else has made of it is theirs to roll out.
    const ours = state.changedByOthers.length === 0;
    const sets = (await badHistory(context, deployment, { held, history })).length;
    const done = isRolledOut(deployment) && made === 0 && sets === 0;
    return {
      present: state.marked || (ours && !done),
      summary: `${target.name} ${sayRestored(state)}, and ${done ? 'rolled out' : 'not rolled out yet'}; ${made} pods and ${sets} ReplicaSets of the bad template are left`,
      data: { newPods: made, badReplicaSets: sets, rolledOut: done, changedByOthers: [...state.changedByOthers] },
    };
  },
};

function changeOf(deployment: Deployment, target: TargetRef, params: Params): { path: FieldPath; after: Json } {
  const container = containerOf(deployment, target, params.container);
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

function containerOf({ spec }: Deployment, { service, name }: TargetRef, wanted: string | null) {
  const { containers } = spec.template.spec;
  const found = containers.length === 1 && wanted === null ? containers[0] : containers.find((each) => each.name === wanted);
  if (found !== undefined) return found;
  const names = containers.map((each) => each.name).join(', ');
  throw new AppError(
    'spec/invalid',
    `${service}/${name} has ${wanted === null ? 'several containers' : `no container ${wanted}`}. Write one of ${names} as container`,
  );
}
