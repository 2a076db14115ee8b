import { msOf } from './bounds.ts';
import { coverageOf, neededCoverage } from './coverage.ts';
import type { FaultTimes } from './fault-times.ts';
import type { MeasurementInput } from './input.ts';
import { initialProbeState, nextProbeState } from './probe-state.ts';
import { isDecided } from './sample.ts';
import type { Sample } from './sample.ts';
import { judgeSli } from './sli.ts';
import { inUnit, ruleInUnit } from '../in-unit.ts';
import type { HypothesisCheck, PlannedHypothesis, PlannedProbe } from '../plan/plan.ts';
import type { CheckResult, HypothesisOutcome, HypothesisResult } from '../run-record.ts';

type Verdict = Pick<CheckResult, 'result' | 'note'>;

export function measureHypothesis(input: MeasurementInput, times: FaultTimes, hypothesis: PlannedHypothesis): HypothesisOutcome {
  const checks = hypothesis.checks.map((check) => ({
    name: check.name,
    kind: check.kind,
    probe: check.probe,
    ...measureCheck(input, times, check),
  }));
  const { name, statement, slo } = hypothesis;
  return { name, statement, slo, result: worstOf(checks.map((check) => check.result)), checks };
}

/** One broken breaks all; one undecided leaves all undecided; nothing checked is nothing held. */
export function worstOf(results: readonly HypothesisResult[]): HypothesisResult {
  if (results.includes('broken')) return 'broken';
  return results.length === 0 || results.includes('inconclusive') ? 'inconclusive' : 'held';
}

function measureCheck(input: MeasurementInput, times: FaultTimes, check: HypothesisCheck): Verdict {
  const probe = input.plan.probes.find(({ name }) => name === check.probe);
  if (probe === undefined) return { result: 'inconclusive', note: `the plan has no probe ${check.probe}` };
  if (times.t0 === null) return { result: 'inconclusive', note: 'no fault was ever verified' };
  const t0 = times.t0.at;
  const after = samplesOf(input, probe, t0, Infinity);
  switch (check.kind) {
    case 'hold':
      return hold(input, times, probe);
    case 'recoverWithin':
      return recoverWithin(input, times, probe, check.withinSeconds ?? input.plan.recovery.timeoutSeconds);
    case 'invariant': {
      const bad = after.find((sample) => sample.class === 'bad');
      if (bad !== undefined) return { result: 'broken', note: badNote(probe, bad, t0) };
      return covered(input, times, probe, { note: 'never bad' });
    }
    case 'eventHappens':
    case 'eventWithin': {
      const before = samplesOf(input, probe, -Infinity, times.t0.lo).findLast(isDecided);
      if (before?.class === 'good') return { result: 'inconclusive', note: 'it was already so before the fault' };
      const within = check.kind === 'eventHappens' ? Infinity : (check.withinSeconds ?? Infinity);
      const good = after.find((sample) => sample.class === 'good');
      const took = good === undefined ? Infinity : (msOf(good.at) - t0) / 1000;
      if (took <= within && good !== undefined) return { result: 'held', note: `happened ${took.toFixed(1)} s after the fault` };
      const verdict = covered(input, times, probe, {
        to: t0 + within * 1000,
        wantedSeconds: Math.min(within, input.plan.holdSeconds),
        note: 'not seen',
      });
      return verdict.result === 'held'
        ? { result: 'broken', note: good === undefined ? 'it did not happen' : `took ${took.toFixed(1)} s` }
        : verdict;
    }
  }
}

/** Good while the fault is on, by the probe's own rule of how many bad samples matter. */
function hold(input: MeasurementInput, times: FaultTimes, probe: PlannedProbe): Verdict {
  const { from, to } = onOf(input, times);
  const during = breachIn(input, probe, { from, to });
  if (during !== null) return { result: 'broken', note: badNote(probe, during, from) };
  // Where T0 is wide, as a person's word is, it may have been on already.
  const { lo } = times.t0!;
  const maybe = breachIn(input, probe, { from: lo, to: from });
  if (maybe !== null) return { result: 'inconclusive', note: badNote(probe, maybe, lo, 'the fault may first have been on') };
  return covered(input, times, probe, { to, note: 'good while the fault was on' });
}

/** The sample that made it a breach; null when none did. */
function breachIn(input: MeasurementInput, probe: PlannedProbe, { from, to }: { from: number; to: number }): Sample | null {
  let state = initialProbeState(probe, new Date(from).toISOString());
  for (const sample of samplesOf(input, probe, from, to).filter(isDecided)) {
    state = nextProbeState(probe, state, sample);
    if (state.state === 'BREACH') return sample;
  }
  return null;
}

function recoverWithin(input: MeasurementInput, times: FaultTimes, probe: PlannedProbe, within: number): Verdict {
  const { impact, recovered, hurtBefore } = judgeSli(input, probe, times);
  if (hurtBefore) return { result: 'inconclusive', note: 'it was bad already before the fault' };
  if (impact === null) return covered(input, times, probe, { note: 'it never went bad' });
  if (recovered !== null) {
    const took = (recovered.at - impact.at) / 1000;
    return {
      result: took <= within ? 'held' : 'broken',
      note: `good again ${took.toFixed(1)} s after the impact, within ${within} s wanted`,
    };
  }
  const seen = (msOf(input.endedAt) - impact.at) / 1000;
  return seen > within
    ? { result: 'broken', note: `not good again after ${seen.toFixed(1)} s, within ${within} s wanted` }
    : { result: 'inconclusive', note: `watched for only ${seen.toFixed(1)} s after the impact` };
}

/** When the fault was on, as far as the run looked. Unix ms. */
function onOf({ plan, endedAt }: MeasurementInput, { t0, revertStarted }: FaultTimes): { from: number; to: number } {
  const from = t0!.at;
  return { from, to: Math.min(revertStarted ?? from + plan.holdSeconds * 1000, msOf(endedAt)) };
}

/** Held by what was not seen, up to an instant or the end: enough must have been looked at, of a fault that was on for its time. */
function covered(
  input: MeasurementInput,
  times: FaultTimes,
  probe: PlannedProbe,
  {
    to = Infinity,
    wantedSeconds = input.plan.holdSeconds,
    note,
  }: { readonly to?: number; readonly wantedSeconds?: number; readonly note: string },
): Verdict {
  const on = onOf(input, times);
  const onSeconds = (on.to - on.from) / 1000;
  const stretch = { from: on.from, to };
  const samples = samplesOf(input, probe, stretch.from, stretch.to);
  const { decided, due } = coverageOf(input, probe, samples, stretch);
  const coverage = due === 0 ? 0 : decided / due;
  if (coverage >= neededCoverage) {
    return onSeconds >= wantedSeconds * neededCoverage
      ? { result: 'held', note }
      : { result: 'inconclusive', note: `${note}, but the fault was on for only ${onSeconds.toFixed(1)} of ${wantedSeconds} s` };
  }
  const missing = due > samples.length ? `, ${due - samples.length} are missing` : '';
  return {
    result: 'inconclusive',
    note: `${Math.round(coverage * 100)} % of ${due} samples decided${missing}; ${neededCoverage * 100} % needed`,
  };
}

function samplesOf(input: MeasurementInput, probe: PlannedProbe, from: number, to: number): readonly Sample[] {
  return input.samples
    .filter((sample) => sample.probe === probe.name && msOf(sample.at) >= from && msOf(sample.at) <= to)
    .toSorted((a, b) => msOf(a.at) - msOf(b.at));
}

function badNote(probe: PlannedProbe, { at, value }: Sample, since: number, what = 'the fault'): string {
  const found = value === null ? 'no finite value' : inUnit(value, probe.unit);
  return `${found} ${((msOf(at) - since) / 1000).toFixed(1)} s after ${what}, must be ${ruleInUnit(probe, probe.unit)}`;
}
