import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Evidence, Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import type { Link } from './shared/link.ts';
import { leastEffectOf, lookFor, measureRoundTrip, roundMs, sayBefore, sayMs } from './shared/link-looks.ts';
import { linkOf } from './shared/link-of.ts';
import { startRefreshing, stopRefreshing } from './shared/refresher.ts';
import { quickest } from './shared/round-trip.ts';
import { toxicFields, toxicOf, toxicProblem, type Toxic } from './shared/toxic-params.ts';

/** Three of these end well within what an agent gives one operation. */
const patienceMs = 1500;

const params = z
  .strictObject({
    ...toxicFields,
    connections: z
      .enum(['slow', 'keep', 'reset'])
      .default('slow')
      .describe('connections that are already open: affect them too, keep them as they are, or reset them'),
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
  .transform(({ connections, probePath, ...toxic }) => ({ toxic: toxicOf(toxic), connections, probePath }));
type Params = z.infer<typeof params>;

type Undo = {
  readonly engine: 'relay' | 'redirect';
  /** Quickest round trip before anything was changed; null when there was nothing to measure it over. */
  readonly baselineMs: number | null;
  readonly toxic: Toxic;
  readonly probePath: string | null;
};

export const networkLatency: Fault<Params, Undo> = {
  name: 'network-latency',
  summary: 'Makes the link between two services slow, narrow, broken or silent',
  effect: 'held',
  lifetime: 'process',
  targets: ['link'],
  agents: ['host'],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { toxic, connections, probePath }) {
    const link = linkOf(context, target);
    await link.check(connections);
    const holder = (await link.state())?.id ?? null;
    if (holder !== null && holder !== context.injectionId) {
      throw new AppError('claim/taken', `link ${link.address} is held by ${holder}. Wait for it, or revert that injection`);
    }
    // A redirect has no relay yet whose echo could be measured.
    const measurable = link.engine === 'relay' || probePath !== null;
    const baselineMs = measurable ? await quickest(3, () => measureRoundTrip(link, probePath, patienceMs)) : null;
    if (measurable && baselineMs === null) {
      throw new AppError(
        'upstream/unreachable',
        `nothing answers over link ${link.address}${probePath ?? ''}, so a fault on it could not be measured. Check the far end`,
      );
    }
    return { engine: link.engine, baselineMs, toxic, probePath };
  },

  async arm(context, target) {
    await linkOf(context, target).arm();
  },

  async inject(context, target, { toxic, connections }) {
    const link = linkOf(context, target);
    context.signal.throwIfAborted();
    await link.set(toxic, connections);
    startRefreshing(context, () => link.refresh());
  },

  async verify(context, target, { toxic, probePath }, { baselineMs }) {
    const link = linkOf(context, target);
    const state = await link.state();
    if (state?.id !== context.injectionId) {
      return evidence(false, `link ${link.address} holds nothing of ours`, { engine: link.engine, heldBy: state?.id ?? null });
    }
    const { inPath, data } = await link.inspect();
    const looks = await lookFor(link, toxic, baselineMs, probePath);
    const summary = [...(inPath ? [] : ["the caller's packets do not come to our relay"]), ...looks.map((look) => look.summary)];
    return evidence(inPath && looks.every(({ seen }) => seen), summary.join('; '), {
      ...Object.assign({}, ...looks.map((look) => look.data)),
      ...data,
      connections: state.connections,
    });
  },

  async revert(context, target) {
    stopRefreshing(context.injectionId);
    await linkOf(context, target).clear();
  },

  async verifyReverted(context, target, undo) {
    const link = linkOf(context, target);
    const { left, data } = await link.inspect();
    if (left !== null) return evidence(true, `${left} of link ${link.address} is still there`, data);
    const state = await link.state();
    if (state?.id === context.injectionId) return evidence(true, `link ${link.address} still holds our toxic`, data);
    const read = await readBack(link, undo, state?.id ?? null);
    return { ...read, data: { ...read.data, ...data } };
  },
};

/**
 * Where a relay still runs its echo decides: it is slow only while the relay makes it slow. The far end may by now be slow or
 * down for reasons of its own, so its round trip is told and not judged.
 */
async function readBack(link: Link, { toxic, baselineMs, probePath }: Undo, heldBy: string | null): Promise<Evidence> {
  const relayRuns = (await link.state()) !== null;
  const echo = relayRuns ? await quickest(2, () => measureRoundTrip(link, null, patienceMs)) : null;
  const elapsedMs = probePath === null ? echo : await link.get(probePath, patienceMs);
  const effect = toxic.delayMs > 0 ? leastEffectOf(toxic) : patienceMs;
  // Held by another now: what is measured is theirs, and the relay says that ours is gone.
  const present = relayRuns && heldBy === null && (echo === null || echo >= effect);
  const relay = relayRuns ? `relay alone ${sayMs(echo)}` : 'no relay of ours runs';
  const trip = relayRuns || probePath !== null ? `round trip ${sayMs(elapsedMs)}, ${sayBefore(baselineMs)}; ` : '';
  return evidence(present, `${trip}${link.engine === 'redirect' ? 'nothing is redirected; ' : ''}${relay}`, {
    elapsedMs: roundMs(elapsedMs),
    baselineMs: roundMs(baselineMs),
    echoMs: roundMs(echo),
    heldBy,
  });
}

const evidence = (present: boolean, summary: string, data: Evidence['data']): Evidence => ({ present, summary, data });
