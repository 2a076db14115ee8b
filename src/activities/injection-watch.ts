import { isTerminal } from '../domain/injection/records.ts';
import type { InjectionSpec, InjectionStatus, Phase } from '../domain/injection/records.ts';
import { isLeftInPlace, isUnread } from '../domain/injection/revert-evidence.ts';
import type { TimelineEvent } from '../domain/run-record.ts';
import { isCorrupt } from '../ports/injections.ts';
import { isoOf } from '../ports/clock.ts';
import type { Clock } from '../ports/clock.ts';
import type { CorruptRecord, InjectionStore } from '../ports/injections.ts';
import type { Recorder } from './recorder.ts';

/** Status files are small and local: reading them this often costs little and bounds what a release waits for. */
export const pollEveryMs = 50;

/** What the agents say of a run's injections now. What they have not answered yet is `missing`; neither it nor `corrupt` is fine. */
export interface InjectionView {
  readonly statuses: readonly InjectionStatus[];
  readonly missing: readonly string[];
  readonly corrupt: readonly CorruptRecord[];
}

export async function readInjections(store: InjectionStore, specs: readonly InjectionSpec[]): Promise<InjectionView> {
  const ids = specs.map(({ id }) => id);
  const reads = new Map((await store.readStatuses(ids)).map((read) => [read.id, read]));
  const statuses: InjectionStatus[] = [];
  const missing: string[] = [];
  const corrupt: CorruptRecord[] = [];
  for (const id of ids) {
    const read = reads.get(id);
    if (read === undefined) missing.push(id);
    else if (isCorrupt(read)) corrupt.push(read);
    else statuses.push(read);
  }
  return { statuses, missing, corrupt };
}

export function allTerminal(view: InjectionView): boolean {
  return view.missing.length === 0 && view.corrupt.length === 0 && view.statuses.every((status) => isTerminal(status.phase));
}

/**
 * Puts every change of phase on the timeline once, stamped by the agent where it says when. `earlier`: what the step before, or
 * a worker that died, has told.
 */
export function createPhaseNarrator(
  recorder: Pick<Recorder, 'event'>,
  {
    specs,
    earlier,
    clock,
  }: {
    readonly specs: readonly InjectionSpec[];
    readonly earlier: readonly TimelineEvent[];
    readonly clock: Clock;
  },
): (view: InjectionView) => void {
  const told = new Map<unknown, unknown>(earlier.filter(isPhase).map(({ data }) => [data?.['id'], data?.['phase']]));
  return (view) => {
    // An agent's clock is another's: what was read by now was stamped before.
    const seenAt = isoOf(clock);
    for (const status of view.statuses) {
      const phase = status.phase === 'active' && status.verifiedAt === undefined ? 'activating' : status.phase;
      if (told.get(status.id) === phase) continue;
      told.set(status.id, phase);
      const spec = specs.find((candidate) => candidate.id === status.id);
      const at = phaseTime(status);
      recorder.event({
        ...(at === undefined ? {} : { at }),
        source: 'agent',
        kind: `injection.${phase}`,
        text: `${spec?.fault ?? 'fault'} on ${spec?.target.service ?? '?'}/${spec?.target.name ?? '?'}: ${phaseText(status)}`,
        data: { id: status.id, phase, seenAt },
      });
    }
  };
}

function isPhase({ source, data }: TimelineEvent): boolean {
  return source === 'agent' && data?.['phase'] !== undefined;
}

/** When the agent entered the phase; undefined where it does not say, and the time of reading must do. */
function phaseTime(status: InjectionStatus): string | undefined {
  switch (status.phase) {
    case 'arming':
      return status.armingAt;
    case 'armed':
      return status.armedAt;
    case 'activating':
      return status.lastAbsentAt;
    case 'active':
    case 'spent':
      return status.verifiedAt;
    case 'reverting':
      return status.revertStartedAt;
    case 'reverted':
    case 'lifted':
      return status.revertVerifiedAt;
    default:
      return undefined;
  }
}

/** How the injections of a run ended: only what was injected could be read back. */
export function endText(statuses: readonly InjectionStatus[]): string {
  const kept = statuses.filter(isLeftInPlace).length;
  const count = (...phases: readonly Phase[]) =>
    statuses.filter((status) => phases.includes(status.phase) && !isLeftInPlace(status) && !isUnread(status)).length;
  const unread = statuses.filter(isUnread).length;
  const [gone, spent, refused] = [count('reverted', 'lifted'), count('spent'), count('refused')];
  if (gone === statuses.length) return 'every fault is gone, read back';
  if (refused === statuses.length) return 'nothing was injected: the agents refused';
  const parts = [
    ...(gone > 0 ? [`${gone} read back`] : []),
    ...(unread > 0 ? [`${unread} gone with the node, not read back`] : []),
    ...(spent > 0 ? [`${spent} spent, with nothing to revert`] : []),
    ...(refused > 0 ? [`${refused} refused and never injected`] : []),
  ];
  if (kept === 0) return `every fault is gone: ${parts.join('; ')}`;
  return [`not every fault is gone: ${kept} taken over by somebody, with our change in it`, ...parts].join('; ');
}

function phaseText(status: InjectionStatus): string {
  const summary = (value: unknown) =>
    typeof value === 'object' && value !== null && 'summary' in value ? ` (${String(value.summary)})` : '';
  if (status.phase === 'active') return `verified${summary(status.evidence)}`;
  if (status.phase === 'reverting') return `reverting, cause: ${status.cause ?? 'unknown'}`;
  if (status.phase === 'reverted' && (isLeftInPlace(status) || isUnread(status)))
    return `ended, cause: ${status.cause ?? 'unknown'}${summary(status.revertEvidence)}`;
  if (status.phase === 'reverted')
    return `reverted and read back, cause: ${status.cause ?? 'unknown'}${summary(status.revertEvidence)}`;
  if (status.error !== undefined) return `${status.phase}: ${status.error.message}`;
  return status.phase === 'lifted' ? `lifted by somebody${summary(status.revertEvidence)}` : status.phase;
}
