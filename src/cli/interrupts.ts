import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';

/** Left before the last revert was verified: the same code as `dirty`, because nobody has seen it clean. */
export const leftEarly = 5;

/** An abort is on its way for milliseconds; a Temporal that does not answer must not keep anybody. */
const sendingMs = 1000;

/**
 * Follows to the end. The first Ctrl-C asks for the abort and goes on following, so that the verified revert is seen. The second
 * leaves with null, as soon as it is known whether the abort was heard.
 */
export async function followUntilLeft<Ended>(
  follow: (signal: AbortSignal) => Promise<Ended>,
  options: {
    readonly abort: () => Promise<void>;
    readonly say: (text: string) => void;
    /** Who reverts when the abort was heard and nobody follows any more. */
    readonly reverting: string;
  },
): Promise<Ended | null> {
  const { abort, say, reverting } = options;
  const following = new AbortController();
  const left = Promise.withResolvers<null>();
  let sent: Promise<boolean> | null = null;
  let isLeaving = false;

  const ask = async (): Promise<boolean> => {
    say('aborting; waiting for the verified revert. Ctrl-C again leaves at once');
    try {
      await abort();
      return true;
    } catch (error) {
      if (!isLeaving) say(`the abort could not be sent: ${messageOf(error)}. \`firedrill halt\` needs no Temporal`);
      return false;
    }
  };
  const leave = async (heard: Promise<boolean>): Promise<void> => {
    isLeaving = true;
    const isHeard = await Promise.race([heard, sleep(sendingMs, false, { ref: false })]);
    say(isHeard ? `left. ${reverting}` : 'left, and nobody heard the abort: the run goes on. `firedrill halt` ends it');
    left.resolve(null);
    following.abort();
  };
  const onInterrupt = () => {
    if (sent === null) sent = ask();
    else if (!isLeaving) void leave(sent);
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await Promise.race([follow(following.signal), left.promise]);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
