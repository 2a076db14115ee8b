import { setTimeout as sleep } from 'node:timers/promises';

export type Taken = { taken: true } | { taken: false; claim: string; holder: string };

/** `none` when there was none. A holder of null is one that cannot be understood: such a claim is never given away. */
export type Holder = 'none' | { readonly holder: string | null };

/** Where claims are kept, one by one. */
export interface ClaimPlace {
  /** Makes it the holder's in one step, or says whose it is. */
  take(claim: string, holder: string): Promise<Holder>;
  giveBack(claim: string, holder: string): Promise<void>;
}

/** One that has ended gives its claims back right after it has said so: whoever comes next in between waits for that. */
const givenBackWithinMs = 2_000;
const givenBackEveryMs = 20;

/** Takes all claims or none, and waits a little for a holder that has ended. */
export async function takeAllClaims(
  place: ClaimPlace,
  holder: string,
  claims: readonly string[],
  hasEnded: (id: string) => Promise<boolean>,
): Promise<Taken> {
  for (const until = performance.now() + givenBackWithinMs; ; await sleep(givenBackEveryMs)) {
    const taken = await takeOnce(place, holder, claims);
    if (taken.taken || performance.now() > until || !(await hasEnded(taken.holder))) return taken;
  }
}

/** Taking again for the same holder succeeds, so a crashed taker may come back. */
async function takeOnce(place: ClaimPlace, holder: string, claims: readonly string[]): Promise<Taken> {
  const taken: string[] = [];
  // One order for all takers: of two that overlap, one gets the first common claim and the other backs off.
  for (const claim of [...new Set(claims)].sort()) {
    const before = await place.take(claim, holder);
    if (before === 'none') taken.push(claim);
    if (before === 'none' || before.holder === holder) continue;
    for (const claim of taken) await place.giveBack(claim, holder);
    return { taken: false, claim, holder: before.holder ?? 'unknown' };
  }
  return { taken: true };
}
