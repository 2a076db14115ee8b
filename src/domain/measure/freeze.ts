import type { ProbeState } from './probe-state.ts';

/**
 * Whether a run is frozen: nothing more is released, ramps and pulses stop where they are. It is from the moment one of its
 * abort probes is in HOLD until all of them see again: what cannot be seen must not be made worse.
 */
export function isFrozen(before: boolean, abortProbes: readonly Pick<ProbeState, 'state' | 'unknownSince'>[]): boolean {
  if (abortProbes.some(({ state }) => state === 'HOLD')) return true;
  return before && abortProbes.some(({ unknownSince }) => unknownSince !== null);
}
