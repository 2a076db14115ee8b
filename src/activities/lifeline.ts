import type { Clock } from '../ports/clock.ts';

/** A heartbeat whose acknowledgement takes longer than this does not count as one. */
const acknowledgeWithinMs = 3000;

export interface LifelineInput {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Tells Temporal that this attempt lives. Resolves when it is acknowledged, with the reason when the attempt must end. */
  readonly beat: (withinMs: number) => Promise<{ readonly lost: string | null }>;
  /** Called for each acknowledgement, at once. */
  readonly onAcknowledged: () => void;
}

/** This attempt's standing with Temporal. */
export interface Lifeline {
  /** Temporal refused or cancelled this attempt: the run is over, or goes on elsewhere. */
  readonly lost: Promise<string>;
  stop(): void;
}

/**
 * Beats to Temporal and hands on each acknowledgement. A lease is renewed on them and on nothing else: a timer of our own
 * would go on renewing for a while after Temporal is dead, and the fault would outlive it by more than its lease.
 */
export function startLifeline({ clock, everyMs, beat, onAcknowledged }: LifelineInput): Lifeline {
  const lost = Promise.withResolvers<string>();
  let stopped = false;

  const tick = async () => {
    const startedAt = clock.monotonic();
    try {
      const answer = await beat(acknowledgeWithinMs);
      if (answer.lost !== null) lost.resolve(answer.lost);
      // One that was sent before a long standstill says nothing of now.
      else if (!stopped && clock.monotonic() - startedAt <= acknowledgeWithinMs) onAcknowledged();
    } catch {
      // Not acknowledged: nothing was earned, and the next one is on its way.
    }
  };

  const timer = setInterval(() => void tick(), everyMs);
  void tick();
  return {
    lost: lost.promise,
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}
