import { createHash } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createDurably, hasCode, syncDirectory } from './durable-file.ts';
import { reach, unreachable } from './record-file.ts';

const claimSchema = z.object({ claim: z.string(), holder: z.string() });

export type Taken = { taken: true } | { taken: false; claim: string; holder: string };

/** Takes all claims or none. Taking again for the same holder succeeds, so a crashed taker may come back. */
export async function takeClaims(directory: string, holder: string, claims: readonly string[]): Promise<Taken> {
  const taken: string[] = [];
  // One order for all takers: of two that overlap, one gets the first common claim and the other backs off.
  for (const claim of [...new Set(claims)].sort()) {
    const path = claimPath(directory, claim);
    const before = await takeClaim(path, { claim, holder });
    if (before === 'none') taken.push(path);
    if (before === 'none' || before.holder === holder) continue;
    for (const path of taken) await reach(path, () => rm(path, { force: true }));
    return { taken: false, claim, holder: before.holder ?? 'unknown' };
  }
  return { taken: true };
}

/** Who holds it instead; `none` when it was free and is the holder's now. */
async function takeClaim(path: string, claim: { readonly claim: string; readonly holder: string }): Promise<Holder> {
  for (;;) {
    if (await reach(path, () => createDurably(path, JSON.stringify(claim)))) return 'none';
    const other = await holderOf(path);
    // Given back between the two looks: it is free after all.
    if (other !== 'none') return other;
  }
}

export async function releaseClaims(directory: string, holder: string): Promise<void> {
  for (const name of await reach(directory, () => readdir(directory))) {
    const path = join(directory, name);
    if (!name.endsWith('.json')) continue;
    const held = await holderOf(path);
    if (held !== 'none' && held.holder === holder) await reach(path, () => rm(path, { force: true }));
  }
  await reach(directory, () => syncDirectory(directory));
}

type Holder = 'none' | { readonly holder: string | null };

/** A holder of null is one that cannot be understood: such a claim is never given away. */
async function holderOf(path: string): Promise<Holder> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'none';
    throw unreachable(path, error);
  }
  try {
    return { holder: claimSchema.parse(JSON.parse(text)).holder };
  } catch {
    return { holder: null };
  }
}

function claimPath(directory: string, claim: string): string {
  return join(directory, `${createHash('sha256').update(claim).digest('hex')}.json`);
}
