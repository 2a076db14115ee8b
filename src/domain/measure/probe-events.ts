import { msOf } from './bounds.ts';
import type { MeasurementInput } from './input.ts';
import { isDecided } from './sample.ts';
import type { Sample } from './sample.ts';
import type { PlannedProbe } from '../plan/plan.ts';
import type { TimelineEvent } from '../run-record.ts';

/** Samples in a row that turn a probe: one alone is noise. */
const inARow = 2;

/**
 * When each probe turned bad and good again, at the first sample of the turn. Probes of events have no good and bad times: what
 * they wait for has not happened yet.
 */
export function probeEvents({ plan, samples }: MeasurementInput): readonly TimelineEvent[] {
  return plan.probes
    .filter((probe) => probe.roles.length > 0)
    .flatMap((probe) =>
      turnsOf(samples.filter((sample) => sample.probe === probe.name && isDecided(sample))).map((sample) =>
        eventOf(probe, sample),
      ),
    );
}

/** Every probe begins good: the baseline saw to that. */
function turnsOf(samples: readonly Sample[]): readonly Sample[] {
  const turns: Sample[] = [];
  let current: Sample['class'] = 'good';
  let others: Sample[] = [];
  for (const sample of samples.toSorted((a, b) => msOf(a.at) - msOf(b.at))) {
    others = sample.class === current ? [] : [...others, sample];
    if (others.length < inARow) continue;
    turns.push(others[0]!);
    current = sample.class;
    others = [];
  }
  return turns;
}

function eventOf(probe: PlannedProbe, { at, value, class: turned }: Sample): TimelineEvent {
  const [kind, words] = turned === 'bad' ? ['probe.bad', 'is bad'] : ['probe.good', 'is good again'];
  // A value that is not finite is kept as null.
  const shown = value === null ? 'no finite number' : String(Number(value.toPrecision(3)));
  return {
    at,
    source: 'probe',
    kind,
    text: `${probe.name} ${words}: ${shown}, must be ${probe.comparator} ${probe.threshold}`,
    data: { probe: probe.name, value },
  };
}
