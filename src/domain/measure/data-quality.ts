import { correctionOf, isMeasured, wasSet } from './agent-clocks.ts';
import type { AgentClock } from './agent-clocks.ts';
import { unseenBadSides } from './bad-side.ts';
import { msOf } from './bounds.ts';
import { coverageOf, neededCoverage } from './coverage.ts';
import type { FaultTimes } from './fault-times.ts';
import type { MeasurementInput } from './input.ts';
import type { SliJudgement } from './sli.ts';
import { confirmerOf } from '../injection/confirmation.ts';
import type { RunRecord } from '../run-record.ts';

/** What the numbers stand on, and what is not known of them. */
export function dataQualityOf({
  input,
  times,
  slis,
  agentClocks,
}: {
  readonly input: MeasurementInput;
  readonly times: FaultTimes;
  readonly slis: readonly SliJudgement[];
  readonly agentClocks: readonly AgentClock[];
}): RunRecord['dataQuality'] {
  const { prometheusUrl } = input.plan.environment;
  const expected = input.rules.filter((rule) => input.plan.expectedAlerts.some((alert) => alert.alertname === rule.name));
  const intervals = (expected.length > 0 ? expected : input.rules).map((rule) => rule.intervalSeconds);
  const notes = [
    ...(input.clockOffsets.some((offset) => offset.upstream === prometheusUrl)
      ? []
      : ['The clock offset of Prometheus was not measured; it was taken as zero.']),
    ...agentClocks.flatMap(clockNote),
    ...input.injections.flatMap(byHandNotes),
    ...slis
      .filter((sli) => sli.source.startsWith('samples'))
      .map(
        ({ source, windowSeconds }) =>
          `Impact and recovery are judged by ${source}${windowSeconds === 0 ? '' : `, which lag by up to the ${windowSeconds} s window of the query: the lower bounds are widened by it`}.`,
      ),
    ...input.timeline.filter((event) => event.kind === 'run.not-measured').map((event) => event.text),
    ...missingSamples(input, times),
    ...unseenBadSides(input).map(({ text }) => `${text}. It read 0 throughout, and so would one with a slip in its selector.`),
    ...(input.scrapeIntervalSeconds === null ? ['The scrape interval is not known; 15 s was taken.'] : []),
  ];
  return {
    clockOffsets: [
      ...input.clockOffsets,
      ...agentClocks
        .filter((clock) => isMeasured(clock) && !wasSet(clock))
        .map(({ agent, lo, hi }) => ({ upstream: `agent ${agent}`, offsetMs: (lo + hi) / 2, errorMs: (hi - lo) / 2 })),
    ],
    scrapeIntervalSeconds: input.scrapeIntervalSeconds,
    evaluationIntervalSeconds: intervals.length === 0 ? null : Math.max(...intervals),
    notes,
  };
}

function clockNote(clock: AgentClock): string[] {
  const whose = `The clock of agent ${clock.agent}`;
  if (wasSet(clock)) return [`${whose} was set while the run went on: T0 lies between the release and the worker's first look.`];
  if (!isMeasured(clock)) return [`The offset of the clock of agent ${clock.agent} was not measured; it was taken as zero.`];
  const by = correctionOf(clock);
  if (by === 0) return [];
  const seconds = (Math.abs(by) / 1000).toFixed(1);
  return [`${whose} is ${by > 0 ? 'ahead' : 'behind'} by ${seconds} s or more: its times are corrected, its deadlines are not.`];
}

/** Nobody measured it: the bounds are as wide as the person was slow. */
function byHandNotes({ spec, status }: MeasurementInput['injections'][number]): string[] {
  const what = `${spec.fault} on ${spec.target.name}`;
  const { lastAbsentAt, activeAt, verifiedAt, revertStartedAt, revertVerifiedAt } = status ?? {};
  const [injector, reverter] = [confirmerOf(status?.evidence), confirmerOf(status?.revertEvidence)];
  const asked = lastAbsentAt ?? activeAt;
  const notes: string[] = [];
  if (injector !== null && asked !== undefined && verifiedAt !== undefined) {
    notes.push(
      `That ${what} was there is the word of ${injector}, ${secondsFrom(asked, verifiedAt)} s after it was asked for: T0 is somewhere between.`,
    );
  }
  if (reverter !== null && revertStartedAt !== undefined && revertVerifiedAt !== undefined) {
    notes.push(
      `That ${what} is gone is the word of ${reverter}, ${secondsFrom(revertStartedAt, revertVerifiedAt)} s after it was asked for: this bound was not Firedrill's to keep.`,
    );
  }
  return notes;
}

function secondsFrom(from: string, to: string): string {
  return ((msOf(to) - msOf(from)) / 1000).toFixed(1);
}

/** A probe is asked at every interval: what is not in the record was lost, or never asked while no worker was there. */
function missingSamples(input: MeasurementInput, { t0 }: FaultTimes): string[] {
  if (t0 === null) return [];
  return input.plan.probes.flatMap((probe) => {
    const samples = input.samples.filter(({ probe: name, at }) => name === probe.name && msOf(at) >= t0.at);
    const { due } = coverageOf(input, probe, samples, { from: t0.at, to: Infinity });
    return samples.length >= due * neededCoverage
      ? []
      : [`Only ${samples.length} samples of ${probe.name} are there from the fault on, where ${due} were due.`];
  });
}
