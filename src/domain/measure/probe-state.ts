import { satisfies } from './comparator.ts';
import { isDecided } from './sample.ts';
import type { Sample } from './sample.ts';
import type { PlannedProbe } from '../plan/plan.ts';

/**
 * OK; SUSPECT: a bad sample, not yet a breach; BLIND: unknown, briefly; HOLD: unknown for holdAfter, no new stage;
 * BREACH: latched, for bad samples or for blindness.
 */
export type ProbeStateName = 'OK' | 'SUSPECT' | 'BLIND' | 'HOLD' | 'BREACH';

/** One probe's memory between samples. Plain JSON: it rides in a heartbeat, so that a spare worker goes on where this one died. */
export interface ProbeState {
  readonly state: ProbeStateName;
  readonly reason: 'bad' | 'hard-limit' | 'blind' | null;
  /** When `state` was entered, ISO ms. */
  readonly since: string;
  /** First unknown sample of the running streak, ISO ms; null while the probe sees. */
  readonly unknownSince: string | null;
  /** Consecutive good samples. */
  readonly good: number;
  /** The last m decided samples, true is bad; unknown ones neither fill nor drain the window. */
  readonly window: readonly boolean[];
  /** The last sample, for people. */
  readonly last: Pick<Sample, 'value' | 'class' | 'at' | 'note'> | null;
}

/** Good samples in a row that lead back to OK. */
const goodToRecover = 2;

/** A probe is blind until it has seen: never assumed good. `at` starts its blind timers. */
export function initialProbeState(_probe: PlannedProbe, at: string): ProbeState {
  return { state: 'BLIND', reason: null, since: at, unknownSince: at, good: 0, window: [], last: null };
}

/** The next state after one sample; the probe's own timers run on the samples' times. */
export function nextProbeState(probe: PlannedProbe, before: ProbeState, sample: Sample): ProbeState {
  const last = { value: sample.value, class: sample.class, at: sample.at, note: sample.note };
  if (before.state === 'BREACH') return { ...before, last };
  if (!isDecided(sample)) return whenUnknown(probe, before, sample, last);

  const bad = sample.class === 'bad';
  const window = [...before.window, bad].slice(-probe.breach.m);
  const seen = { unknownSince: null, window, last, good: bad ? 0 : before.good + 1 };
  const limit = probe.hardLimit;
  // An infinite value carries no number, and is beyond any limit.
  const beyond = limit !== null && (sample.value === null || !satisfies(sample.value, limit.comparator, limit.threshold));
  if (bad && beyond) return { ...seen, ...enter(before, 'BREACH', 'hard-limit', sample.at) };
  if (window.filter(Boolean).length >= probe.breach.n) return { ...seen, ...enter(before, 'BREACH', 'bad', sample.at) };
  if (bad) return { ...seen, ...enter(before, 'SUSPECT', null, sample.at) };
  if (before.state === 'OK' || seen.good >= goodToRecover) return { ...seen, ...enter(before, 'OK', null, sample.at) };
  return { ...seen, ...enter(before, before.state, before.reason, sample.at) };
}

function whenUnknown(probe: PlannedProbe, before: ProbeState, sample: Sample, last: ProbeState['last']): ProbeState {
  const unknownSince = before.unknownSince ?? sample.at;
  const seconds = (Date.parse(sample.at) - Date.parse(unknownSince)) / 1000;
  const blind = { unknownSince, window: before.window, last, good: 0 };
  if (seconds >= probe.abortAfterSeconds) return { ...blind, ...enter(before, 'BREACH', 'blind', sample.at) };
  if (seconds >= probe.holdAfterSeconds) return { ...blind, ...enter(before, 'HOLD', null, sample.at) };
  return { ...blind, ...enter(before, 'BLIND', null, sample.at) };
}

function enter(before: ProbeState, state: ProbeStateName, reason: ProbeState['reason'], at: string) {
  return { state, reason, since: before.state === state ? before.since : at };
}
