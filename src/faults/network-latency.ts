import { z } from 'zod';
import { AppError, isAppError } from '../domain/errors.ts';
import type { Evidence, Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { direction } from './shared/direction.ts';
import type { Direction } from './shared/direction.ts';
import { followingNames } from './shared/following-names.ts';
import type { LinkEngine } from './shared/link.ts';
import { linkOf, podLink } from './shared/link-of.ts';
import type { PodEngine } from './shared/pod-engine.ts';
import { choosePodState, isOfPod, podPackets, podState } from './shared/pod-state.ts';
import type { PodState } from './shared/pod-state.ts';
import { startRefreshing, stopRefreshing } from './shared/refresher.ts';
import { assertForHost, keptToxic, partsOf, toxicFields, toxicOf, toxicProblem, type Toxic } from './shared/toxic-params.ts';

const params = z
  .strictObject({
    ...toxicFields,
    connections: z
      .enum(['slow', 'keep', 'reset'])
      .default('slow')
      .describe('connections that are already open: affect them too, keep them as they are, or reset them'),
    engine: z
      .enum(['auto', 'netem', 'relay'])
      .default('auto')
      .describe("in a cluster, what delays a pod's packets: its kernel, or a relay of ours; auto: the first that can do it"),
    direction: direction
      .default('egress')
      .describe("which of a pod's packets are delayed: what it sends over the link, what comes from there, or both; netem only"),
    probePath: z
      .string()
      .startsWith('/')
      .nullable()
      .default(null)
      .describe('path to GET over the link to measure its round trip'),
  })
  .superRefine((given, context) => {
    const message = toxicProblem(given);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .transform(({ connections, engine, direction, probePath, ...toxic }) => ({
    toxic: toxicOf(toxic),
    connections,
    engine,
    direction,
    probePath,
  }));
type Params = z.infer<typeof params>;

type Undo = {
  readonly engine: LinkEngine;
  /** Quickest round trip before anything was changed; null when there was nothing to measure it over. */
  readonly baselineMs: number | null;
  readonly toxic: Toxic;
  readonly probePath: string | null;
  readonly direction: Direction;
  /** Of a pod's link: what was chosen, and in which network. */
  readonly pod?: PodState;
};

const undo: z.ZodType<Undo> = z.object({
  engine: z.enum(['relay', 'redirect', 'netem']),
  baselineMs: z.number().nullable(),
  toxic: keptToxic,
  probePath: z.string().nullable(),
  // The first versions knew no other.
  direction: direction.default('egress'),
  pod: podState.exactOptional(),
});

const orders: Readonly<Record<Params['engine'], readonly PodEngine[]>> = {
  auto: ['netem', 'redirect'],
  netem: ['netem'],
  relay: ['redirect'],
};

/** About as long as one release takes on the processors of a small node. */
const inspectAfterMs = 50;

const latency: Fault<Params, Undo> = {
  name: 'network-latency',
  summary: 'Makes the link between two services slow, narrow, broken or silent',
  effect: 'held',
  lifetime: 'netns',
  // Rules and relays end with their agent; a queue of the kernel stays until somebody takes it away.
  lifetimeFor: ({ pod }) => (pod?.engine === 'netem' ? 'netns' : 'process'),
  targets: ['link'],
  agents: ['host', 'node'],
  params,
  undo,
  claims: (target) => [claimOf(target)],

  async prepare(context, target, { toxic, connections, engine, direction, probePath }) {
    const parts = [...partsOf(toxic), ...(direction === 'egress' ? [] : ['ingress'])];
    const pod = isOfPod(target) ? await choosePodState(context, target, orders[engine], { parts, connections }) : undefined;
    if (pod === undefined) assertForHost(target, engine, parts);
    const link = linkOf(context, target, { ...(pod === undefined ? {} : { pod }), direction });
    await link.check(connections);
    const { measurable, ms: baselineMs } = await link.baseline(probePath);
    if (measurable && baselineMs === null) {
      throw new AppError(
        'upstream/unreachable',
        `nothing answers over link ${link.address}${probePath ?? ''}, so a fault on it could not be measured. Check the far end`,
      );
    }
    return { engine: link.engine, baselineMs, toxic, probePath, direction, ...(pod === undefined ? {} : { pod }) };
  },

  async arm(context, target, _params, undo) {
    await linkOf(context, target, undo).arm();
  },

  async inject(context, target, { toxic, connections }, undo) {
    const link = linkOf(context, target, undo);
    context.signal.throwIfAborted();
    await link.set(toxic, connections);
    startRefreshing(context, () => link.refresh());
  },

  async verify(context, target, { toxic, probePath }, undo) {
    const { baselineMs, pod } = undo;
    const link = linkOf(context, target, undo);
    const heldBy = await link.holder();
    if (heldBy !== context.injectionId) {
      // A relay whose pod is gone lets go: it is the pod that is missing then, not only what we did to it.
      if (pod !== undefined) await podPackets(context, target, pod).place.process();
      return evidence(false, `link ${link.address} holds nothing of ours`, { engine: link.engine, heldBy });
    }
    const [looks, { inPath, data }] = await Promise.all([
      link.look(toxic, baselineMs, probePath),
      // It wants a process, and a round trip takes its time: what else is being released now comes before it.
      new Promise((resolve) => setTimeout(resolve, Math.min(toxic.delayMs / 2, inspectAfterMs))).then(() => link.inspect()),
    ]);
    const summary = [...(inPath ? [] : ["the caller's packets do not come our way"]), ...looks.map((look) => look.summary)];
    return evidence(inPath && looks.every(({ seen }) => seen), summary.join('; '), {
      ...Object.assign({}, ...looks.map((look) => look.data)),
      ...data,
      ...(pod === undefined ? {} : { why: pod.why }),
    });
  },

  async revert(context, target, undo) {
    stopRefreshing(context.injectionId);
    await linkOf(context, target, undo).clear();
  },

  async verifyReverted(context, target, undo) {
    const { toxic, baselineMs, probePath, pod } = undo;
    const link = linkOf(context, target, undo);
    try {
      const { left, data } = await link.inspect();
      if (left !== null) return evidence(true, `${left} of link ${link.address} is still there`, data);
      const { seen, summary, data: read } = await link.lookAfter(toxic, baselineMs, probePath);
      return evidence(seen, summary, { ...read, ...data });
    } catch (error) {
      if (pod === undefined || !isAppError(error) || error.code !== 'target/none') throw error;
      return evidence(false, 'the pod is gone, and its network with all that was in it', { engine: pod.engine });
    }
  },
};

export const networkLatency = followingNames(latency, (context, target, { connections }, { pod, direction }) => {
  if (pod === undefined) return null;
  const link = podLink(context, target, pod, direction);
  return { link: podPackets(context, target, pod), cover: (gained) => link.cover(gained, connections) };
});

const evidence = (present: boolean, summary: string, data: Evidence['data']): Evidence => ({ present, summary, data });
