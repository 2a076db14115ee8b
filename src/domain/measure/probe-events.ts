import { inUnit, ruleInUnit } from '../in-unit.ts';
import { msOf } from './bounds.ts';
import type { MeasurementInput } from './input.ts';
import { isDecided } from './sample.ts';
import type { Sample } from './sample.ts';
import type { PlannedProbe } from '../plan/plan.ts';
import type { TimelineEvent } from '../run-record.ts';

/** Samples in a row that turn a probe: one alone is noise. */
export const inARow = 2;

/** What happens to a probe, as a timeline says it. */
const wordsOf = {
  suspect: 'is suspect',
  bad: 'is bad',
  good: 'is good again',
  blind: 'cannot be measured',
  hold: 'could still not be measured',
  sees: 'is measured again',
} as const;
export type ProbeTurn = keyof typeof wordsOf;

/** Turns that are told while they happen and found again, without the noise, in the samples. */
const foundAgain: readonly string[] = (['suspect', 'bad', 'good'] satisfies ProbeTurn[]).map(kindOf);

export function isFoundAgain({ kind }: TimelineEvent): boolean {
  return foundAgain.includes(kind);
}

export function kindOf(turn: ProbeTurn): string {
  return `probe.${turn}`;
}

/** It waits for what the fault should bring about: bad means not yet, so it has no good and bad times. */
export function isEvent({ roles }: { readonly roles: readonly string[] }): boolean {
  return roles.length === 0;
}

/** When each probe turned bad and good again, at the first sample of the turn. */
export function probeEvents({ plan, samples }: MeasurementInput): readonly TimelineEvent[] {
  return plan.probes
    .filter((probe) => !isEvent(probe))
    .flatMap((probe) =>
      turnsOf(samples.filter((sample) => sample.probe === probe.name && isDecided(sample))).map((sample) =>
        probeEvent(probe, sample, sample.class === 'bad' ? 'bad' : 'good'),
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

export function probeEvent(probe: PlannedProbe, sample: Sample, turn: ProbeTurn): TimelineEvent {
  const { at, value } = sample;
  return {
    at,
    source: 'probe',
    kind: kindOf(turn),
    text: `${probe.name} ${wordsOf[turn]}: ${isDecided(sample) ? decidedText(probe, value) : (sample.note ?? sample.class)}`,
    data: { probe: probe.name, value },
  };
}

function decidedText(probe: PlannedProbe, value: number | null): string {
  // A value that is not finite is kept as null.
  const shown = value === null ? 'no finite number' : inUnit(value, probe.unit);
  return `${shown}, must be ${ruleInUnit(probe, probe.unit)}`;
}
