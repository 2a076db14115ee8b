import type { CommandResult } from '../fault.ts';
import type { NetworkPlace } from './network-place.ts';

/** A command, started where it will act, with all it needs but its input: when it is needed only the kernel's part is left. */
export interface ReadyCommand {
  /** Once. null: it never came to its input, for it could not start, or has ended since. */
  run(input: string): Promise<CommandResult | null>;
  /** It ends, and has done nothing. */
  drop(): void;
}

/** It ends, and has done nothing, also when this agent dies: what it waits for is a pipe of ours. */
export function readyCommand(
  place: NetworkPlace,
  argv: readonly string[],
  options: { readonly timeoutMs: number; readonly maxOutputBytes?: number },
): ReadyCommand {
  const { promise: input, resolve: give } = Promise.withResolvers<string>();
  // Why one could not start is told by the one that is started in its place, when it is needed.
  const outcome = place.run(argv, { ...options, input }).catch(() => null);
  return {
    async run(text) {
      give(text);
      const result = await outcome;
      return result === null || (result.code === null && !result.timedOut) ? null : result;
    },
    drop: () => give(''),
  };
}
