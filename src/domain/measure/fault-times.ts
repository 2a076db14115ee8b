import { correctionOf, isMeasured, seenStartOf, wasSet } from './agent-clocks.ts';
import type { AgentClock } from './agent-clocks.ts';
import type { Bounds } from './bounds.ts';
import { between, earliest, exactly, latest, msOf } from './bounds.ts';
import { personSource } from './person-source.ts';
import type { MeasurementInput } from './input.ts';
import { confirmerOf } from '../injection/confirmation.ts';
import { isTerminal } from '../injection/records.ts';
import type { InjectionStatus } from '../injection/records.ts';
import { isLeftInPlace } from '../injection/revert-evidence.ts';

export interface FaultTimes {
  /** The first verified effect. `at` is the read-back that saw it; `lo` the last one that did not. */
  readonly t0: Bounds | null;
  /** When we began to take a fault away; null when nothing was ours to take (events, or a responder was first). */
  readonly revertStarted: number | null;
  /** The last verified revert; null while any fault that was there is not proven gone. */
  readonly reverted: Bounds | null;
  /** Whose word each of them is: an agent's, or that of a person who injects by hand. */
  readonly sources: { readonly t0: string; readonly reverted: string };
}

/** `clocks`: by how much the input's stamps may still be wrong, after `onWorkersClock`; they widen the bounds. */
export function faultTimesOf(input: MeasurementInput, clocks: readonly AgentClock[]): FaultTimes {
  const clockOf = ({ agent }: InjectionStatus) => clocks.find((clock) => clock.agent === agent?.name);
  const statuses = input.injections.flatMap(({ status }) => (status === null ? [] : [status]));
  const ours = statuses.filter((status) => status.cause !== 'responder' && status.cause !== 'superseded');
  const starts = input.injections.flatMap(({ spec, status }): Told[] => {
    if (status === null || status.verifiedAt === undefined) return [];
    const clock = clockOf(status);
    const source = sourceOf(status.evidence);
    // Stamps of a clock that was set are worth nothing; what the worker saw with its own is.
    const seen = clock !== undefined && wasSet(clock) ? seenStartOf(input.timeline, spec) : null;
    if (seen !== null) return [{ ...between(seen.released, seen.seen), source }];
    return startOf(status).map((start) => ({ ...widened(start, clock), source }));
  });
  const ends = statuses.flatMap((status) =>
    endOf(status).map((end): Told => ({ ...widened(end, clockOf(status)), source: sourceOf(status.revertEvidence) })),
  );
  const [t0, gone] = [earliest(starts), latest(ends)];
  const started = ours.flatMap(({ revertStartedAt, verifiedAt }) =>
    revertStartedAt === undefined || verifiedAt === undefined ? [] : [msOf(revertStartedAt)],
  );
  return {
    t0,
    revertStarted: started.length === 0 ? null : Math.min(...started),
    reverted: input.injections.every(({ status }) => status !== null && isOver(status)) ? gone : null,
    // Each that may have been the first, or the last, has a part in the bounds.
    sources: {
      t0: listed(starts.filter(({ lo }) => t0 !== null && lo <= t0.hi)),
      reverted: listed(ends.filter(({ hi }) => gone !== null && hi >= gone.lo)),
    },
  };
}

/** What somebody took over with our change in it has ended for us, and is not gone. */
function isOver(status: InjectionStatus): boolean {
  return isTerminal(status.phase) && !isLeftInPlace(status);
}

/** Bounds, and whose word they are. */
interface Told extends Bounds {
  readonly source: string;
}

function sourceOf(evidence: InjectionStatus['evidence']): string {
  const person = confirmerOf(evidence);
  return person === null ? "agent's read-back" : personSource(person);
}

function listed(told: readonly Told[]): string {
  return [...new Set(told.map(({ source }) => source))].join(' and ');
}

function widened(bounds: Bounds, clock: AgentClock | undefined): Bounds {
  if (clock === undefined || !isMeasured(clock) || wasSet(clock)) return bounds;
  const corrected = correctionOf(clock);
  return { at: bounds.at, lo: bounds.lo - (clock.hi - corrected), hi: bounds.hi + (corrected - clock.lo) };
}

function startOf({ verifiedAt, lastAbsentAt, activeAt }: InjectionStatus): Bounds[] {
  if (verifiedAt === undefined) return [];
  return [between(msOf(lastAbsentAt ?? activeAt ?? verifiedAt), msOf(verifiedAt))];
}

function endOf({ revertVerifiedAt, revertStartedAt }: InjectionStatus): Bounds[] {
  if (revertVerifiedAt === undefined) return [];
  return [
    revertStartedAt === undefined ? exactly(msOf(revertVerifiedAt)) : between(msOf(revertStartedAt), msOf(revertVerifiedAt)),
  ];
}
