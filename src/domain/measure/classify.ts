import { satisfies } from './comparator.ts';
import type { Reading, Sample, SampleClass } from './sample.ts';
import type { PlannedProbe } from '../plan/plan.ts';

/** Judges what a probe read. The first rule that matches decides; whatever is not provably good or bad is unknown. */
export function classify(
  probe: PlannedProbe,
  reading: Reading,
  now: { readonly at: string; readonly latencyMs: number },
): Sample {
  const verdict = judge(probe, reading, now.at);
  return {
    probe: probe.name,
    at: now.at,
    sourceAt: reading.sourceAt,
    // NaN and infinities do not survive JSON; the note says what was read.
    value: reading.value !== null && Number.isFinite(reading.value) ? reading.value : null,
    class: verdict.class,
    latencyMs: now.latencyMs,
    note: verdict.note,
  };
}

interface Verdict {
  readonly class: SampleClass;
  readonly note: string | null;
}

function judge(probe: PlannedProbe, reading: Reading, at: string): Verdict {
  if (reading.problem !== null) return reading.problem;
  const { value, events } = reading;
  if (value === null) return { class: 'no-data', note: 'the upstream gave no value' };
  // By one clock where there is one: an upstream whose clock is ahead of ours would hide that its data is old.
  const ageSeconds = reading.sourceAt === null ? 0 : (Date.parse(reading.answeredAt ?? at) - Date.parse(reading.sourceAt)) / 1000;
  if (Number.isNaN(value)) {
    return { class: 'no-data', note: 'the value is NaN: nothing happened in the window' };
  }
  if (!Number.isFinite(value)) return { class: 'bad', note: `the value is ${value}` };
  if (ageSeconds > probe.maxAgeSeconds) {
    return { class: 'stale', note: `newest sample is ${ageSeconds.toFixed(1)} s old, more than ${probe.maxAgeSeconds} s` };
  }
  if (events !== null && events < probe.minEvents) {
    return { class: 'low-traffic', note: `${round(events)} events in the window, fewer than ${probe.minEvents}` };
  }
  return { class: satisfies(value, probe.comparator, probe.threshold) ? 'good' : 'bad', note: null };
}

function round(events: number): number {
  return Math.round(events * 10) / 10;
}
