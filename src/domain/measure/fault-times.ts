import type { Bounds } from './bounds.ts';
import { between, earliest, exactly, latest, msOf } from './bounds.ts';
import type { MeasurementInput } from './input.ts';
import { isTerminal } from '../injection/records.ts';
import type { InjectionStatus } from '../injection/records.ts';

export interface FaultTimes {
  /** The first verified effect. `at` is the read-back that saw it; `lo` the last one that did not. */
  readonly t0: Bounds | null;
  /** When we began to take a fault away; null when nothing was ours to take (events, or a responder was first). */
  readonly revertStarted: number | null;
  /** The last verified revert; null while any fault that was there is not proven gone. */
  readonly reverted: Bounds | null;
}

export function faultTimesOf(input: MeasurementInput): FaultTimes {
  const statuses = input.injections.flatMap(({ status }) => (status === null ? [] : [status]));
  const ours = statuses.filter((status) => status.cause !== 'responder' && status.cause !== 'superseded');
  const started = ours.flatMap(({ revertStartedAt, verifiedAt }) =>
    revertStartedAt === undefined || verifiedAt === undefined ? [] : [msOf(revertStartedAt)],
  );
  return {
    t0: earliest(statuses.flatMap(startOf)),
    revertStarted: started.length === 0 ? null : Math.min(...started),
    reverted: input.injections.every(({ status }) => status !== null && isTerminal(status.phase))
      ? latest(statuses.flatMap(endOf))
      : null,
  };
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
