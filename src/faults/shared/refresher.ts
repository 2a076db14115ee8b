import type { FaultContext } from '../fault.ts';

const refreshers = new Map<string, NodeJS.Timeout>();

/**
 * Repeats `refresh` while this agent lives, until it says false, `stopRefreshing`, the injection's signal, or the policy's
 * longest duration. An effect that expires by itself is kept true by this and by nothing else.
 */
export function startRefreshing(context: FaultContext, refresh: () => Promise<boolean>, everyMs = 500): void {
  const id = context.injectionId;
  stopRefreshing(id);
  if (context.signal.aborted) return;
  const endsAt = performance.now() + context.policy.maxDurationSeconds * 1000;
  const timer = setInterval(() => {
    if (performance.now() >= endsAt) stopRefreshing(id);
    else
      refresh().then(
        (held) => {
          if (held || refreshers.get(id) !== timer) return;
          context.log('nothing is left to refresh: the effect has ended by itself, or was taken away');
          stopRefreshing(id);
        },
        (error: unknown) => context.log('refresh failed; the effect ends by itself', { problem: String(error) }),
      );
  }, everyMs);
  refreshers.set(id, timer);
  context.signal.addEventListener('abort', () => stopRefreshing(id), { once: true });
}

export function stopRefreshing(id: string): void {
  clearInterval(refreshers.get(id));
  refreshers.delete(id);
}
