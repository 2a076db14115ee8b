import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { killMode, killPod } from './shared/pod-deletion.ts';
import { addressOf, amongSiblings, plannedPod, podOf, seeEnd } from './shared/pods.ts';
import type { PodAmongSiblings } from './shared/pods.ts';

const params = z.strictObject({
  role: z.enum(['primary', 'replica']).describe('what the pod must be: it is asked, and refused when it is the other'),
  mode: killMode,
  port: z.int().min(1).max(65_535).default(6379).describe('where Redis listens in the pod'),
  password: z
    .string()
    .regex(/^[a-z0-9.-]+#[\w.-]+$/, 'must be SECRET#KEY')
    .nullable()
    .default(null)
    .describe('where Redis asks for one: a key of a Secret in the same namespace, as SECRET#KEY'),
});
type Params = z.infer<typeof params>;

const standing = z.object({ role: z.enum(['primary', 'replica']), partners: z.number() });
type Standing = z.infer<typeof standing>;

/** Nothing to bring back. Whom to look at, and what it was. */
type Undo = PodAmongSiblings & { readonly was: Standing };

export const redisNodeKill: Fault<Params, Undo> = {
  name: 'redis-node-kill',
  summary: 'Deletes a pod of Redis that is the primary, or a replica, and never the last one',
  effect: 'event',
  lifetime: 'process',
  targets: ['pod'],
  agents: ['cluster'],
  needs: [
    { group: '', resource: 'pods', verbs: ['get', 'list', 'delete'], scope: 'namespace' },
    { group: '', resource: 'secrets', verbs: ['get'], scope: 'namespace' },
  ],
  params,

  // Of a namespace, one at a time: a primary and its replicas, killed at once, would be all there is.
  claims: (target) => [claimOf(target), `redis:${podOf(target).namespace}`],

  // Asks Redis, in a process of its own.
  patienceMs: (operation) => (operation === 'prepare' ? 20_000 : 0),

  async prepare(context, target, params) {
    const among = await amongSiblings(clusterOf(context), target);
    const was = await standingOf(context, target, params);
    refuseOther(target, was, params.role);
    return { ...among, was };
  },

  inject: (context, target, { mode }, { uid }) => killPod(context, target, uid, mode),

  async verify(context, target, _params, undo) {
    const { role, partners } = undo.was;
    const { present, summary, data } = await seeEnd(context, target, undo);
    const was = role === 'primary' ? `the primary of ${partners} ${partners === 1 ? 'replica' : 'replicas'}` : 'a replica';
    return {
      present,
      summary: `${summary}. It was ${was}`,
      data: { ...data, role, replicasOnline: role === 'primary' ? partners : null },
    };
  },

  async revert() {},

  async verifyReverted(_context, target) {
    return { present: false, summary: `a kill of ${target.name} leaves nothing to take back`, data: {} };
  },
};

/** What Redis in that pod says of itself. Errors: `upstream/refused`, `target/none`. */
async function standingOf(context: FaultContext, target: TargetRef, { port, password }: Params): Promise<Standing> {
  const pod = await plannedPod(clusterOf(context), target);
  const secret = password === null ? null : await context.secret(`secret:${podOf(target).namespace}/${password}`);
  const helper = await context.host.startHelper('redis-observer', { host: addressOf(pod), port, password: secret });
  try {
    return standing.parse(await helper.ask({ op: 'standing' }));
  } finally {
    await helper.stop();
  }
}

/** Errors: `target/none` for another role; `policy/denied` for what may be the last that holds the data. */
function refuseOther({ service, name }: TargetRef, { role, partners }: Standing, wanted: Params['role']): void {
  if (role !== wanted) {
    throw new AppError(
      'target/none',
      `pod ${service}/${name} is a ${role} now, not a ${wanted}. Name another, or ask for a ${role}`,
    );
  }
  if (partners > 0) return;
  throw new AppError(
    'policy/denied',
    role === 'primary'
      ? `pod ${service}/${name} is a primary with no replica online: it would be all of Redis. Wait for a replica`
      : `pod ${service}/${name} is a replica without a link to its primary: it may be all that is left of Redis. Wait for the primary`,
  );
}
