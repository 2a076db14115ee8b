import { z } from 'zod';
import { milliseconds } from '../quantities.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { deletion, killMode, killPod } from './shared/pod-deletion.ts';
import { amongSiblings, isReady, podOf, replacementsOf, seeEnd } from './shared/pods.ts';
import type { PodAmongSiblings } from './shared/pods.ts';

const params = z
  .strictObject({
    mode: killMode,
    every: milliseconds(2000, 3_600_000).nullable().default(null).describe('kill again at this interval what has replaced it'),
    times: z.int().min(2).max(1000).nullable().default(null).describe('with every: stop after so many kills'),
  })
  .refine(({ every, times }) => times === null || every !== null, { message: 'times needs every', path: ['times'] })
  .transform(({ mode, every, times }) => ({ mode, everyMs: every, times }));
type Params = z.infer<typeof params>;

interface Pulses {
  kills: number;
  nextAt: number;
  /** UIDs. Several injections that kill pods of one workload never choose the same. */
  readonly chosen: Set<string>;
}
/** Lost with the agent on purpose: an agent that restarts ends what it finds and starts no kill. */
const pulsing = new Map<string, Pulses>();
const isChosen = (uid: string): boolean => [...pulsing.values()].some(({ chosen }) => chosen.has(uid));

export const podKill: Fault<Params, PodAmongSiblings> = {
  name: 'pod-kill',
  summary: 'Deletes a pod, gracefully or not, once or again and again',
  effect: 'event',
  effectFor: ({ everyMs }) => (everyMs === null ? 'event' : 'pulsed'),
  lifetime: 'process',
  targets: ['pod'],
  agents: ['cluster'],
  needs: [{ group: '', resource: 'pods', verbs: ['get', 'list', 'delete'], scope: 'namespace' }],
  params,

  claims: (target) => [claimOf(target)],

  /** Nothing to bring back: only whom to look at. Each further kill is journaled. */
  prepare: (context, target) => amongSiblings(clusterOf(context), target),

  async inject(context, target, { mode, everyMs }, { uid }) {
    await killPod(context, target, uid, mode);
    if (everyMs !== null) {
      pulsing.set(context.injectionId, { kills: 1, nextAt: performance.now() + everyMs, chosen: new Set() });
    }
  },

  verify: (context, target, _params, undo) => seeEnd(context, target, undo),

  async revert({ injectionId }) {
    pulsing.delete(injectionId);
  },

  async verifyReverted({ injectionId }, target) {
    return { present: pulsing.has(injectionId), summary: `no further kill of ${target.name} is pending`, data: {} };
  },

  async adjust(context, target, { mode, everyMs, times }, undo) {
    const pulses = pulsing.get(context.injectionId);
    const finished = pulses === undefined || (times !== null && pulses.kills >= times);
    if (finished || everyMs === null || performance.now() < pulses.nextAt) return;
    const replacements = await replacementsOf(clusterOf(context), undo);
    // None is ready yet, or others have chosen them: the next call looks again.
    const next = replacements.find((pod) => isReady(pod) && !isChosen(pod.metadata.uid));
    if (next === undefined) return;
    const { name, uid } = next.metadata;
    pulses.chosen.add(uid);
    pulses.kills += 1;
    pulses.nextAt = performance.now() + everyMs;
    await context.journal({ kills: pulses.kills, last: { name, uid } });
    if (context.signal.aborted || !pulsing.has(context.injectionId)) return;
    await clusterOf(context).delete({ ...podOf(target), name }, deletion(uid, mode));
  },
};
