import { inUnit, ruleInUnit } from '../in-unit.ts';
import { isEvent } from './probe-events.ts';
import { isDecided } from './sample.ts';
import type { Sample } from './sample.ts';
import type { PlannedProbe } from '../plan/plan.ts';

/**
 * Why a probe's samples are no baseline; null when they are. Good is wanted, but of an event that it is not there yet: one that is
 * cannot be the fault's doing.
 */
export function baselineProblem(probe: PlannedProbe, samples: readonly Sample[]): string | null {
  // A fifth of the window may be otherwise or unknown (a slow scrape); the end of it may not.
  const wanted = isEvent(probe) ? 'bad' : 'good';
  const fitting = samples.filter((sample) => sample.class === wanted).length;
  const last = samples.at(-1)!;
  if (fitting / samples.length >= 0.8 && last.class === wanted) return null;
  const decided = samples.filter(isDecided).length;
  const rule = `must be ${ruleInUnit(probe, probe.unit)}`;
  const note = samples.findLast((sample) => sample.note !== null)?.note;
  if (decided === 0) return `${probe.name} returned no usable data (${note ?? last.class})`;
  return isEvent(probe)
    ? `${probe.name} waits for an event that is not proven to be absent before the fault: it was seen absent in ${fitting} of ${samples.length} samples`
    : `${probe.name} ${rule}, was good in ${fitting} of ${samples.length} samples, last ${last.value === null ? last.class : inUnit(last.value, probe.unit)}`;
}
