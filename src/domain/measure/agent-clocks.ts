import { isoOf, msOf } from './bounds.ts';
import type { MeasurementInput } from './input.ts';
import type { InjectionSpec, InjectionStatus } from '../injection/records.ts';
import type { TimelineEvent } from '../run-record.ts';

/** agent − worker, in milliseconds, between `lo` and `hi`; where `lo` is above `hi`, that clock was set while the run went on. */
export interface AgentClock {
  readonly agent: string;
  readonly lo: number;
  readonly hi: number;
}

/** What the worker itself saw of one fault's start, on its own clock. */
export interface SeenStart {
  /** Before this, nothing was released. */
  readonly released: number;
  /** From then on it was there. */
  readonly seen: number;
}

/** The phases in which a fault has been verified. */
const verifiedPhases = ['active', 'spent', 'reverting', 'stuck', 'reverted', 'lifted'];

/**
 * What happened in an order bounds a clock: an agent that acts on a release stamps after it was commanded, and what the worker has
 * read was stamped before. The least delays give the narrowest bounds. On one machine there is one clock, and nothing to measure.
 */
export function agentClocksOf(input: MeasurementInput): readonly AgentClock[] {
  if (input.plan.environment.platform === 'host') return [];
  const clocks = new Map<string, AgentClock>();
  for (const { spec, status } of input.injections) {
    const { agent, verifiedAt } = status ?? {};
    if (status === null || agent === undefined) continue;
    const { lo, hi } = clocks.get(agent.name) ?? { lo: -Infinity, hi: Infinity };
    const first = status.lastAbsentAt ?? status.activeAt ?? verifiedAt;
    const released = releasedAt(input.timeline, spec);
    const stampedAndSeen = [
      [status.armingAt, seenAt(input.timeline, spec, ['arming'])],
      [status.armedAt, seenAt(input.timeline, spec, ['armed'])],
      [verifiedAt, seenAt(input.timeline, spec, verifiedPhases)],
    ] as const;
    clocks.set(agent.name, {
      agent: agent.name,
      lo: Math.max(lo, ...stampedAndSeen.flatMap(([at, seen]) => (at === undefined || seen === null ? [] : [msOf(at) - seen]))),
      hi: first === undefined || released === null ? hi : Math.min(hi, msOf(first) - released),
    });
  }
  return [...clocks.values()];
}

export function isMeasured({ lo, hi }: AgentClock): boolean {
  return Number.isFinite(lo) && Number.isFinite(hi);
}

export function wasSet(clock: AgentClock): boolean {
  return clock.lo > clock.hi;
}

/** As little as the bounds allow: delays are not taken for an offset. */
export function correctionOf(clock: AgentClock | undefined): number {
  if (clock === undefined || !isMeasured(clock) || wasSet(clock)) return 0;
  return Math.round(Math.min(Math.max(0, clock.lo), clock.hi));
}

/** What agents stamped, on the worker's clock, as far as that is known. */
export function onWorkersClock(input: MeasurementInput, clocks: readonly AgentClock[]): MeasurementInput {
  const byOf = (status: InjectionStatus | null): number =>
    correctionOf(clocks.find(({ agent }) => agent === status?.agent?.name));
  if (input.injections.every(({ status }) => byOf(status) === 0)) return input;
  const by = new Map(input.injections.map(({ spec, status }) => [spec.id, byOf(status)]));
  return {
    ...input,
    injections: input.injections.map(({ spec, status }) => ({ spec, status: status && shifted(status, byOf(status)) })),
    timeline: input.timeline.map((event) => {
      const ms = event.source === 'agent' ? by.get(String(event.data?.['id'])) : undefined;
      return ms === undefined ? event : { ...event, at: isoOf(msOf(event.at) - ms) };
    }),
  };
}

/** null where the worker's own timeline does not say both. */
export function seenStartOf(timeline: readonly TimelineEvent[], spec: InjectionSpec): SeenStart | null {
  const [released, seen] = [releasedAt(timeline, spec), seenAt(timeline, spec, verifiedPhases)];
  return released === null || seen === null ? null : { released, seen };
}

const stamps = [
  'armingAt',
  'armedAt',
  'lastAbsentAt',
  'activeAt',
  'verifiedAt',
  'revertStartedAt',
  'revertedAt',
  'revertVerifiedAt',
] as const;

function shifted(status: InjectionStatus, byMs: number): InjectionStatus {
  const moved = stamps.flatMap((stamp) => {
    const at = status[stamp];
    return at === undefined ? [] : [[stamp, isoOf(msOf(at) - byMs)] as const];
  });
  return { ...status, ...Object.fromEntries(moved) };
}

function releasedAt(timeline: readonly TimelineEvent[], { stage }: InjectionSpec): number | null {
  return first(timeline.filter(({ kind, data }) => kind === 'run.commanded' && data?.['stage'] === stage).map(({ at }) => at));
}

function seenAt(timeline: readonly TimelineEvent[], { id }: InjectionSpec, phases: readonly string[]): number | null {
  const mine = timeline.filter(({ source, data }) => source === 'agent' && data?.['id'] === id);
  return first(
    mine.flatMap(({ data }) => {
      const [phase, seen] = [data?.['phase'], data?.['seenAt']];
      return typeof phase === 'string' && phases.includes(phase) && typeof seen === 'string' ? [seen] : [];
    }),
  );
}

function first(times: readonly string[]): number | null {
  return times.length === 0 ? null : Math.min(...times.map(msOf));
}
