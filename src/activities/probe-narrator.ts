import { inARow, isEvent, kindOf, probeEvent } from '../domain/measure/probe-events.ts';
import type { ProbeTurn } from '../domain/measure/probe-events.ts';
import type { ProbeState } from '../domain/measure/probe-state.ts';
import type { Sample } from '../domain/measure/sample.ts';
import type { PlannedProbe } from '../domain/plan/plan.ts';
import type { TimelineEvent } from '../domain/run-record.ts';
import type { Recorder } from './recorder.ts';

/**
 * Puts each turn of each probe on the timeline while it happens. `earlier` is what the timeline holds: the steps of a run, and
 * the attempts of a step, go on where the one before stopped.
 */
export function createProbeNarrator(
  recorder: Pick<Recorder, 'event'>,
  earlier: readonly TimelineEvent[],
): (probe: PlannedProbe, sample: Sample, state: ProbeState) => void {
  const told = new Map<string, string>();
  for (const { source, kind, data } of earlier) {
    if (source === 'probe' && typeof data?.['probe'] === 'string') told.set(data['probe'], kind);
  }
  const goodInARow = new Map<string, number>();
  return (probe, sample, state) => {
    if (isEvent(probe)) return;
    const good = sample.class === 'good' ? (goodInARow.get(probe.name) ?? 0) + 1 : 0;
    goodInARow.set(probe.name, good);
    const before = told.get(probe.name) ?? kindOf('good');
    const turn = turnOf(before, sample, state, good);
    if (turn === null || kindOf(turn) === before) return;
    told.set(probe.name, kindOf(turn));
    recorder.event(probeEvent(probe, sample, turn));
  };
}

/** A breach is latched; people still want to know when users are well again. */
function turnOf(before: string, sample: Sample, { state }: ProbeState, goodInARow: number): ProbeTurn | null {
  const was = (...turns: readonly string[]) => turns.some((turn) => before === `probe.${turn}`);
  switch (sample.class) {
    case 'good':
      if (goodInARow < inARow || was('sees')) return null;
      return was('blind', 'hold') ? 'sees' : 'good';
    case 'bad':
      if (was('breach')) return null;
      return state === 'BREACH' ? 'bad' : was('bad') ? null : 'suspect';
    default:
      if (state === 'HOLD') return 'hold';
      return state === 'BLIND' && !was('hold') ? 'blind' : null;
  }
}
