import { messageOf } from '../domain/errors.ts';

/** Left before the last revert was verified: the same code as `dirty`, because nobody has seen it clean. */
export const leftEarly = 5;

/**
 * Follows to the end. The first Ctrl-C asks for the abort and goes on following, so that the verified revert is seen; the second
 * leaves at once, with null.
 */
export async function followUntilLeft<Ended>(
  follow: (signal: AbortSignal) => Promise<Ended>,
  options: {
    readonly abort: () => Promise<void>;
    readonly say: (text: string) => void;
    /** Who reverts when nobody follows any more, and when nobody heard the abort. */
    readonly otherwise: string;
  },
): Promise<Ended | null> {
  const { abort, say, otherwise } = options;
  const left = new AbortController();
  const leaving = Promise.withResolvers<null>();
  let interrupts = 0;
  const onInterrupt = () => {
    interrupts += 1;
    if (interrupts > 1) {
      say(`left. ${otherwise}`);
      left.abort();
      return leaving.resolve(null);
    }
    say('aborting; waiting for the verified revert. Ctrl-C again leaves at once');
    abort().catch((error: unknown) => say(`the abort could not be sent: ${messageOf(error)}. ${otherwise}`));
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await Promise.race([follow(left.signal), leaving.promise]);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
