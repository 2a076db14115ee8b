import { z } from 'zod';
import type { HelperProcess } from '../fault.ts';

const lookedUp = z.object({ outcome: z.string(), addresses: z.array(z.string()), elapsedMs: z.number() });
export type LookUp = z.infer<typeof lookedUp>;

/** One question, asked from inside a pod's network by a prober that runs there. */
export async function lookUp(
  prober: HelperProcess,
  question: { readonly name: string; readonly server: string; readonly timeoutMs: number },
): Promise<LookUp> {
  return lookedUp.parse(await prober.ask({ resolve: question }, question.timeoutMs + 2000));
}

/** A name that the pattern is for. */
export const exampleOf = (pattern: string): string => pattern.replaceAll('*', 'firedrill-look');
