import { AppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import { createCutPolicy } from './cut-policy.ts';
import type { CutPolicy } from './cut-policy.ts';
import { askWitness, putUnderCut, sayEnds, startWitness } from './witness.ts';
import type { Look, Witness } from './witness.ts';

/** Until the witness runs and reaches all. */
const startMs = 40_000;
/** What enforces policies has so long, to begin and to end. */
const enforceMs = 10_000;
/** Within this the witness has looked anew under what is enforced now, and its kubelet has asked it. */
const settleMs = 3_000;
const lookEveryMs = 100;

/** One look of the witness and one of its kubelet, on a machine that is busy. */
const againMs = 8_000;

export const probeMs = startMs + 2 * enforceMs + settleMs;
export const backMs = settleMs + againMs;

/**
 * Whether the network enforces such a policy, and no more than it says: a witness is cut off by it and let go again. What selects a
 * target comes later. `reached`: called before the policy is made. Errors: `policy/denied`, `upstream/unreachable`.
 */
export async function probeCut(
  context: FaultContext,
  { name, policy, witness, reached }: { name: string; policy: CutPolicy; witness: Witness; reached: () => Promise<void> },
): Promise<void> {
  const ends = sayEnds(witness);
  const denied = (what: string): AppError =>
    new AppError(
      'policy/denied',
      `${name}: ${what}. The pod was not touched. Use network-partition, which a node's agent carries out`,
    );

  await startWitness(context, witness);
  const began = await waitFor(context, witness, startMs, reachesAll);
  if (began !== null) {
    throw new AppError(
      'upstream/unreachable',
      `${name}: a witness beside the pod must reach ${ends}, the API server and DNS before a cut can be measured, and did not within ${startMs / 1000} s: ${began}. Check the far end, and that pods of ${witness.namespace} may run the agent's image on ${witness.node}`,
    );
  }
  await reached();
  await createCutPolicy(context, policy);
  await putUnderCut(context, witness, true);
  if ((await waitFor(context, witness, enforceMs, ({ reachesFarEnd }) => !reachesFarEnd)) !== null) {
    throw denied(
      `the network of this cluster (its CNI) does not enforce NetworkPolicy on ${witness.node}: a witness still reached ${ends} ${enforceMs / 1000} s after one forbade it`,
    );
  }
  // One look without an answer may be a busy moment of anybody.
  let isBack = false;
  const isOtherwise = ({ reachesFarEnd, reachesLifelines }: Seen): boolean => {
    isBack = reachesFarEnd;
    return reachesFarEnd || !reachesLifelines;
  };
  if ((await waitFor(context, witness, settleMs, isOtherwise)) === null) {
    if (isBack)
      throw denied(
        `a witness that a NetworkPolicy kept from ${ends} reached it again within ${settleMs / 1000} s: it is not enforced there`,
      );
    throw denied(
      `the network of this cluster (its CNI) took more than was asked: a witness that a NetworkPolicy kept from ${ends} alone lost the API server or DNS too`,
    );
  }
  await putUnderCut(context, witness, false);
  const back = await waitFor(context, witness, enforceMs, reachesAll);
  if (back !== null) {
    throw denied(`a witness that was cut off and let go was not as before within ${enforceMs / 1000} s: ${back}`);
  }
}

/** After the policy is gone. `problem`: the last look, when time is up and the witness does not reach the far end; null: it does. */
export async function waitUntilBack(
  context: FaultContext,
  witness: Witness,
): Promise<{ readonly problem: string | null; readonly wasCut: boolean }> {
  const look = await askWitness(context, witness);
  const isCut = ({ reachesFarEnd }: Seen): boolean => !reachesFarEnd;
  // What enforces policies may be behind: one that is not cut off yet may be about to be, and so may the target.
  const wasCut =
    look.problem === null && (isCut(look) || (look.isCut && (await waitFor(context, witness, settleMs, isCut)) === null));
  return { problem: await waitFor(context, witness, againMs, ({ reachesFarEnd }) => reachesFarEnd), wasCut };
}

type Seen = Extract<Look, { readonly problem: null }>;

/** null once a look is as wanted; else, when time is up or nothing will ever be seen, what the last one was. */
async function waitFor(
  context: FaultContext,
  witness: Witness,
  withinMs: number,
  isWanted: (look: Seen) => boolean,
): Promise<string | null> {
  const until = performance.now() + withinMs;
  for (;;) {
    context.signal.throwIfAborted();
    const look = await askWitness(context, witness);
    if (look.problem === null && isWanted(look)) return null;
    if (performance.now() > until || isOver(look)) return sayLook(look);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** Right before a release. Errors: `upstream/unreachable`. */
export async function assertReachesAll(context: FaultContext, name: string, witness: Witness): Promise<void> {
  const look = await askWitness(context, witness);
  if (look.problem === null && reachesAll(look)) return;
  throw new AppError(
    'upstream/unreachable',
    `${name}: a cut could not be told from what is there without it: right before the release ${sayLook(look)}. The pod was not touched. Run again`,
  );
}

export const isOver = (look: Look): boolean => look.problem !== null && look.isOver;
const reachesAll = ({ reachesFarEnd, reachesLifelines }: Seen): boolean => reachesFarEnd && reachesLifelines;

function sayLook(look: Look): string {
  if (look.problem !== null) return look.problem;
  const reaches = (is: boolean, what: string): string => `${is ? 'reaches' : 'does not reach'} ${what}`;
  return `the witness ${reaches(look.reachesFarEnd, 'the far end')} and ${reaches(look.reachesLifelines, 'the API server and DNS')}`;
}
