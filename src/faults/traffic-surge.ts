import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { milliseconds } from '../quantities.ts';
import { clusterOf } from './cluster-tools.ts';
import type { ClusterTools, KubeObject } from './cluster-tools.ts';
import type { Fault, FaultContext, HelperProcess } from './fault.ts';
import { answerOf, endedWith } from './shared/helper-answer.ts';
import { objectOf } from './shared/workloads.ts';

const params = z
  .strictObject({
    service: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be the name of a Service')
      .describe('the Service, in the namespace of the workload'),
    portName: z.string().min(1).nullable().default(null).describe('which port; needed where the Service has several'),
    perSecond: z.int().min(1).max(100_000).describe('requests per second, whatever becomes of those before them'),
    ramp: milliseconds(1000, 3_600_000)
      .nullable()
      .default(null)
      .describe('get there evenly within this time, such as 30s; default at once'),
    method: z.enum(['GET', 'POST']).default('GET'),
    path: z.string().startsWith('/').default('/'),
    body: z.string().max(65_536).nullable().default(null).describe('JSON, for a POST; never a secret: it is in the plan'),
    timeout: milliseconds(100, 60_000).default(2000).describe('a request that takes longer counts as timed out'),
  })
  .transform(({ ramp, timeout, ...given }) => ({ ...given, rampMs: ramp, timeoutMs: timeout }));
type Params = z.infer<typeof params>;

/** Nothing to bring back: the load ends with the process that makes it. */
type Undo = { readonly perSecond: number };

const tally = z.object({
  sent: z.number(),
  ok: z.number(),
  limited: z.number(),
  refused: z.number(),
  failed: z.number(),
  timedOut: z.number(),
  unanswered: z.number(),
  unsent: z.number(),
});
const counts = z.object({ aim: z.number(), addresses: z.number(), all: tally, lastSecond: tally });

interface EndpointSlice extends KubeObject {
  readonly addressType: string;
  readonly endpoints?:
    readonly { readonly addresses: readonly string[]; readonly conditions?: { readonly ready?: boolean } }[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[] | null;
}
type Address = { readonly address: string; readonly port: number };

/** One per injection, for as long as it sends. */
const sources = new Map<string, HelperProcess>();

/** The agent takes a step of a ramp, and looks for endpoints, so often. */
const stepMs = 1000;

export const trafficSurge: Fault<Params, Undo> = {
  name: 'traffic-surge',
  summary: 'Sends more requests to a Service, at a rate that does not depend on its answers',
  effect: 'held',
  lifetime: 'process',
  targets: ['workload'],
  agents: ['cluster'],
  needs: [{ group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list'], scope: 'namespace' }],
  params,

  claims: (target, { service }) => [`traffic:${objectOf(target).namespace}/${service}`],

  async prepare(context, target, params) {
    const most = context.policy.surge?.maxPerSecond ?? 0;
    if (params.perSecond > most) {
      throw new AppError(
        'policy/denied',
        `${params.perSecond} requests per second to ${params.service} are more than the agent's policy lets it send (surge.maxPerSecond: ${most}). Ask for fewer, or change the policy`,
      );
    }
    await someAddresses(context, target, params);
    return { perSecond: params.perSecond };
  },

  async arm(context, target, params) {
    await sourceOf(context, target, params);
  },

  async inject(context, target, params) {
    const [source, addresses] = await Promise.all([sourceOf(context, target, params), someAddresses(context, target, params)]);
    context.signal.throwIfAborted();
    await source.ask({ op: 'aim', perSecond: stepOf(params), addresses });
  },

  /** The endpoints as they are now: pods come and go under load. */
  async hold(context, target, params) {
    const source = sources.get(context.injectionId);
    if (source === undefined) return;
    const addresses = await addressesOf(clusterOf(context), target, params);
    const { aim } = await countsOf(source);
    if (!context.signal.aborted) await source.ask({ op: 'aim', perSecond: aim, addresses });
  },

  /** The next step of a ramp. */
  async adjust(context, target, params) {
    const source = sources.get(context.injectionId);
    if (source === undefined || params.rampMs === null) return;
    const { aim } = await countsOf(source);
    if (aim >= params.perSecond || context.signal.aborted) return;
    const addresses = await addressesOf(clusterOf(context), target, params);
    await source.ask({ op: 'aim', perSecond: Math.min(params.perSecond, aim + stepOf(params)), addresses });
  },

  async verify({ injectionId }, _target, { service, perSecond }) {
    const answer = await answerOf(sources.get(injectionId), countsOf);
    if ('died' in answer) return endedWith(answer);
    const { aim, addresses, all, lastSecond } = answer.said;
    const isSent = lastSecond.sent >= 0.9 * Math.floor(aim);
    const answers = `${lastSecond.ok} well answered, ${lastSecond.limited} limited (429), ${lastSecond.refused} refused, ${lastSecond.failed} failed, ${lastSecond.timedOut} timed out, ${lastSecond.unanswered} unanswered`;
    return {
      // What was due and not sent is no load: then this agent's node is too slow, or the target holds everything up.
      present: aim > 0 && isSent,
      summary: `${service}: ${lastSecond.sent} requests sent in the last second, of ${Math.round(aim)} now and ${perSecond} in the end, to ${addresses} endpoints; ${answers}`,
      data: { aim, wanted: perSecond, endpoints: addresses, lastSecond, all },
      // Whether the surge itself left it no ready endpoint, or somebody took them away, is not known.
      ...(isSent
        ? {}
        : { gaveBack: `only ${lastSecond.sent} of ${Math.round(aim)} requests could be sent, to ${addresses} endpoints` }),
    };
  },

  async revert({ injectionId }) {
    // Whose end was not seen may be sending still.
    await sources.get(injectionId)?.stop();
    sources.delete(injectionId);
  },

  async verifyReverted({ injectionId }, _target, { perSecond }) {
    const present = sources.has(injectionId);
    return {
      present,
      summary: present ? `up to ${perSecond} requests per second are sent still` : 'no request is sent any more',
      data: {},
    };
  },
};

const stepOf = ({ perSecond, rampMs }: Params): number => (rampMs === null ? perSecond : (perSecond * stepMs) / rampMs);

async function sourceOf(
  context: FaultContext,
  target: TargetRef,
  { service, method, path, body, timeoutMs }: Params,
): Promise<HelperProcess> {
  const running = sources.get(context.injectionId);
  if (running !== undefined) return running;
  const host = `${service}.${objectOf(target).namespace}`;
  const source = await context.host.startHelper('traffic-source', { host, method, path, body, timeoutMs });
  sources.set(context.injectionId, source);
  return source;
}

const countsOf = async (source: HelperProcess) => counts.parse(await source.ask({ op: 'count' }));

/** Errors: `target/none` when nothing is behind the Service now, `spec/invalid` when a port must be chosen. */
async function someAddresses(context: FaultContext, target: TargetRef, params: Params): Promise<readonly Address[]> {
  const addresses = await addressesOf(clusterOf(context), target, params);
  if (addresses.length > 0) return addresses;
  throw new AppError(
    'target/none',
    `nothing that is ready is behind the Service ${objectOf(target).namespace}/${params.service}. Correct service, or wait until a pod is ready`,
  );
}

async function addressesOf(cluster: ClusterTools, target: TargetRef, { service, portName }: Params): Promise<readonly Address[]> {
  const { namespace } = objectOf(target);
  const slices = await cluster.list<EndpointSlice>(
    { apiVersion: 'discovery.k8s.io/v1', resource: 'endpointslices', namespace },
    { labelSelector: `kubernetes.io/service-name=${service}` },
  );
  return slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap(({ endpoints, ports }) => {
      const known = (ports ?? []).filter(
        ({ name, protocol = 'TCP' }) => protocol === 'TCP' && (portName === null || name === portName),
      );
      if (known.length > 1) {
        const names = known.map(({ name }) => name).join(', ');
        throw new AppError(
          'spec/invalid',
          `the Service ${namespace}/${service} has several ports: ${names}. Choose one with portName`,
        );
      }
      const port = known[0]?.port;
      if (port === undefined) return [];
      const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
      return ready.flatMap(({ addresses }) => addresses.map((address) => ({ address, port })));
    });
}
