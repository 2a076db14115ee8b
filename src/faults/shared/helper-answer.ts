import { isAppError } from '../../domain/errors.ts';
import type { HelperProcess } from '../fault.ts';

/** What a helper says, or how it ended: then it holds nothing any more. */
export type HelperAnswer<T> = { readonly said: T } | { readonly died: string };

/** Errors: as `ask`, but `part/died`. */
export async function answerOf<T>(
  helper: HelperProcess | undefined,
  ask: (helper: HelperProcess) => Promise<T>,
): Promise<HelperAnswer<T>> {
  if (helper === undefined) return { died: 'no helper runs for it in this agent' };
  try {
    return { said: await ask(helper) };
  } catch (error) {
    if (isAppError(error) && error.code === 'part/died') return { died: error.message };
    throw error;
  }
}

/** A fault that ends with its helper: nobody is credited with that, for no responder is known to have done it. */
export const endedWith = ({ died }: { readonly died: string }) => ({
  present: false,
  summary: `nothing is held any more: ${died}`,
  data: {},
  gaveBack: died,
});
