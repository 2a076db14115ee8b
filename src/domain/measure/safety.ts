import { msOf } from './bounds.ts';
import type { FaultTimes } from './fault-times.ts';
import type { MeasurementInput } from './input.ts';
import { confirmerOf } from '../injection/confirmation.ts';
import type { RunRecord } from '../run-record.ts';

/** How fast the brakes were, how even the injection, how large the cut. */
export function measureSafety(input: MeasurementInput, times: FaultTimes): RunRecord['safety'] {
  const breach = firstOf(input, 'probe.breach', -Infinity);
  const commanded = breach === null ? null : firstOf(input, 'run.revert-commanded', breach);
  return {
    breachToRevertCommandMs: breach === null || commanded === null ? null : commanded - breach,
    breachToRevertVerifiedMs: breach === null || times.reverted === null ? null : Math.max(0, times.reverted.at - breach),
    injectionSkewMs: skewOf(input),
    blastRadius: blastRadiusOf(input),
  };
}

function firstOf(input: MeasurementInput, kind: string, from: number): number | null {
  const times = input.timeline.filter((event) => event.kind === kind && msOf(event.at) >= from).map((event) => msOf(event.at));
  return times.length === 0 ? null : Math.min(...times);
}

/** The widest spread of measured effects within one stage; null when no stage had two. A person's word is no measurement. */
function skewOf(input: MeasurementInput): number | null {
  const stages = Map.groupBy(input.injections, ({ spec }) => spec.stage);
  const skews = [...stages.values()].flatMap((stage) => {
    const times = stage.flatMap(({ status }) =>
      status?.verifiedAt === undefined || confirmerOf(status.evidence) !== null ? [] : [msOf(status.verifiedAt)],
    );
    return times.length < 2 ? [] : [Math.max(...times) - Math.min(...times)];
  });
  return skews.length === 0 ? null : Math.max(...skews);
}

/** The step that cut deepest, by share. */
function blastRadiusOf(input: MeasurementInput): RunRecord['safety']['blastRadius'] {
  const widest = input.plan.steps.map((step) => step.selection).toSorted((a, b) => b.percent - a.percent)[0];
  return widest === undefined
    ? { selected: 0, of: 0, percent: 0 }
    : { selected: widest.selected, of: widest.of, percent: widest.percent };
}
