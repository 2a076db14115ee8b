import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Evidence, Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { deleteCutPolicy, findCutPolicy } from './shared/cut-policy.ts';
import type { CutPolicy } from './shared/cut-policy.ts';
import { assertReachesAll, backMs, isOver, probeCut, probeMs, waitUntilBack } from './shared/cut-probe.ts';
import { destination, endOf } from './shared/destinations.ts';
import { egressPoliciesOf, refuseWidening } from './shared/egress-policies.ts';
import { changeObject, holdObject, lookForEffect, markFor, readRestored, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { locate } from './shared/locator.ts';
import { plannedPod } from './shared/pods.ts';
import { askWitness, cutLabel, endWitness, isWitnessThere, putUnderCut, sayEnds, sayWitness } from './shared/witness.ts';
import type { Look, Witness } from './shared/witness.ts';

const params = z.strictObject({});
type Params = z.infer<typeof params>;

type Undo = {
  readonly held: HeldObject;
  readonly policy: CutPolicy;
  readonly witness: Witness;
  /** The witness has reached the far end: whether it does so again is worth waiting for. */
  readonly reached?: boolean;
  /** How often that was waited for in vain. */
  readonly waits?: number;
  /** From the end of the policy until the witness reached the far end again; null: it reaches it, and since when is not known. */
  readonly againMs?: number | null;
};

const locator = z.object({
  namespace: z.string().min(1),
  pod: z.string().min(1),
  podUid: z.string().min(1),
  destinations: z.array(destination),
  excluded: z.array(destination).default([]),
});

/** A far end may be down for good, or have other addresses by now: then its being reached again is not measured. */
const mostWaits = 3;

/** Each is a connection of the witness, five times a second. */
const mostEnds = 3;

export const networkPolicyPartition: Fault<Params, Undo> = {
  name: 'network-policy-partition',
  summary: 'Keeps a pod from reaching the far end of a link by a NetworkPolicy, where a witness shows that those are enforced',
  effect: 'held',
  // The one pod that it deletes is the witness.
  disruptsWhileHeld: () => false,
  lifetime: 'persistent',
  targets: ['link'],
  agents: ['cluster'],
  needs: [
    { group: '', resource: 'pods', verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'], scope: 'namespace' },
    { group: 'networking.k8s.io', resource: 'networkpolicies', verbs: ['create', 'delete', 'get', 'list'], scope: 'namespace' },
  ],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target) {
    const { namespace, pod: name, podUid: uid, destinations, excluded } = locate(locator, target);
    const pod = await plannedPod(clusterOf(context), { ...target, name, uid });
    if (pod.spec.hostNetwork === true) {
      throw denied(`${nameOf(target)}: the pod has its node's network, which no NetworkPolicy is about. Choose another`);
    }
    const ends = destinations.flatMap((one) => endOf(one) ?? []).slice(0, mostEnds);
    if (ends.length === 0) {
      throw denied(
        `${nameOf(target)} has no address with a TCP port, which a witness could connect to: it leads to host names, to a range, or by UDP. Use network-partition`,
      );
    }
    refuseWidening(nameOf(target), await egressPoliciesOf(clusterOf(context), pod));
    const mark = markFor(context);
    const suffix = nameSuffix(mark);
    const of = { namespace, target: { name, uid } };
    // Who names one of them means it.
    const spared = destinations.some(({ address }) => address.includes('/')) ? excluded : [];
    return {
      held: holdObject(pod, { apiVersion: 'v1', resource: 'pods', namespace, name }, [
        { path: ['metadata', 'labels', cutLabel], after: mark },
      ]),
      policy: { ...of, name: `firedrill-cut-${suffix}`, destinations, excluded: spared },
      witness: { ...of, name: `firedrill-witness-${suffix}`, node: pod.spec.nodeName ?? '', ends },
    };
  },

  /** Nothing of the target is touched before this has shown that it works, and that it ends. */
  arm: (context, target, _params, { policy, witness }) =>
    probeCut(context, { name: nameOf(target), policy, witness, reached: () => context.journal({ reached: true }) }),

  /** The witness comes last: once it is cut off, so is the pod, whose label what enforces policies was told of before. */
  async inject(context, target, _params, { held, witness }) {
    await assertReachesAll(context, nameOf(target), witness);
    await changeObject(context, held);
    await putUnderCut(context, witness, true);
  },

  async verify(context, target, _params, { held, policy, witness }) {
    const { inEffect, object } = await lookForEffect(context, held);
    const look = await askWitness(context, witness, 'look');
    const data = { ...lookData(look), labelled: inEffect };
    if (!inEffect) return { present: false, summary: `${nameOf(target)}: the pod has no label of ours`, data };
    if (look.problem !== null) {
      return { present: false, summary: look.problem, data, gaveBack: `nothing measures it any more: ${look.problem}` };
    }
    if (look.reachesFarEnd || !look.isCut) {
      const seen = look.isCut ? `reaches ${sayEnds(witness)}` : 'has not the label of ours by which the policy selects';
      return { present: false, summary: `a witness beside the pod ${seen}`, data };
    }
    if (!look.reachesLifelines) {
      throw new AppError(
        'upstream/unreachable',
        `${nameOf(target)}: the witness reaches neither ${sayEnds(witness)} nor all of the API server and DNS, so that it cannot tell a cut from its own trouble. Look at ${sayWitness(witness)}`,
      );
    }
    const policies = await egressPoliciesOf(clusterOf(context), object);
    if (!policies.includes(policy.name)) {
      return { present: false, summary: `NetworkPolicy ${policy.name} is gone, or is about the pod no longer`, data };
    }
    const others = policies.filter((name) => name !== policy.name);
    if (others.length > 0) {
      const why = `NetworkPolicy ${others.join(', ')} says by now what the pod may send, and ours would add to it`;
      return { present: false, summary: why, data, gaveBack: why };
    }
    return {
      present: true,
      summary: `no new connection to ${sayEnds(witness)} opens for a witness beside the pod, under the same policy by the same label; the API server and DNS answer it`,
      data,
    };
  },

  patienceMs: (operation) => (operation === 'arm' ? probeMs + 5_000 : operation === 'revert' ? backMs + 5_000 : 0),

  async revert(context, _target, { held, policy, witness, reached = false, waits = 0 }) {
    const isDeleted = await deleteCutPolicy(context, policy);
    const deletedAt = performance.now();
    await restoreObject(context, held);
    if (reached && waits < mostWaits) {
      const { problem, wasCut } = await waitUntilBack(context, witness);
      if (problem === null) {
        // A later attempt does not know when the policy went.
        const againMs = isDeleted && wasCut ? Math.round(performance.now() - deletedAt) : null;
        await context.journal({ againMs });
      } else if (!isOver(await askWitness(context, witness))) {
        await context.journal({ waits: waits + 1 });
        throw new AppError(
          'fault/revert-failed',
          `the policy and the label are gone, and a witness still does not reach ${sayEnds(witness)}: ${problem}. This was look ${waits + 1} of ${mostWaits}: after the last it is told as not measured. Look whether the far end itself is down`,
        );
      }
    }
    await endWitness(context, witness);
  },

  async verifyReverted(context, target, { held, policy, witness, againMs }) {
    const [restored, found, isThere] = await Promise.all([
      readRestored(context, held),
      findCutPolicy(context, policy),
      isWitnessThere(context, witness),
    ]);
    const left = [
      ...(restored.present ? ['our label on the pod'] : []),
      ...(found === null ? [] : [`NetworkPolicy ${policy.name}`]),
      ...(isThere ? [sayWitness(witness)] : []),
    ];
    const data: JsonObject = { ...restored.data, left, againMs: againMs ?? null };
    if (left.length > 0) return evidence(true, `${nameOf(target)}: ${left.join(', ')} is still there`, data);
    const again = sayAgain(witness, againMs);
    return evidence(false, `${restored.summary}; neither policy nor witness of ours is left; ${again}`, data);
  },
};

function sayAgain(witness: Witness, againMs: number | null | undefined): string {
  if (againMs === undefined) return 'whether the far end is reached was not measured';
  const when = againMs === null ? '' : ` ${againMs} ms after the policy was gone`;
  return `a witness beside the pod reached ${sayEnds(witness)}${when}`;
}

function lookData(look: Look): JsonObject {
  return look.problem === null ? { reachesFarEnd: look.reachesFarEnd, reachesLifelines: look.reachesLifelines } : {};
}

/** As objects of the API are named; the end of an id tells it from others. */
const nameSuffix = (id: string): string =>
  id
    .toLowerCase()
    .slice(-40)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '');
const nameOf = ({ service, name }: TargetRef): string => `link ${service}/${name}`;
const denied = (message: string): AppError => new AppError('policy/denied', message);
const evidence = (present: boolean, summary: string, data: Evidence['data']): Evidence => ({ present, summary, data });
