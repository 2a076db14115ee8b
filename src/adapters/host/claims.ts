import { createHash } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClaimPlace, Holder } from '../records/taking-claims.ts';
import { createDurably, hasCode, syncDirectory } from './durable-file.ts';
import { reach, unreachable } from './record-file.ts';

const claimSchema = z.object({ claim: z.string(), holder: z.string() });

/** One file per claim in `directory`. */
export function createClaimPlace(directory: string): ClaimPlace {
  const pathOf = (claim: string): string => join(directory, `${createHash('sha256').update(claim).digest('hex')}.json`);
  return {
    async take(claim, holder) {
      const path = pathOf(claim);
      for (;;) {
        if (await reach(path, () => createDurably(path, JSON.stringify({ claim, holder })))) return 'none';
        const other = await holderOf(path);
        // Given back between the two looks: it is free after all.
        if (other !== 'none') return other;
      }
    },
    async giveBack(claim) {
      const path = pathOf(claim);
      await reach(path, () => rm(path, { force: true }));
    },
  };
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
