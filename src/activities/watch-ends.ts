import type { ProbeState } from '../domain/measure/probe-state.ts';
import type { WatchEnd } from '../domain/measure/watch-end.ts';
import type { PlannedProbe } from '../domain/plan/plan.ts';
import type { AbortedBy } from '../domain/run-record.ts';
import { inUnit, ruleInUnit } from '../domain/in-unit.ts';
import type { InjectionView } from './injection-watch.ts';

/**
 * The end that agents brought about: one refused, could not inject, reverted before it was asked, or can no longer be read
 * although it had `answered`. null: nothing left by itself.
 */
export function leftByItself(view: InjectionView, answered: ReadonlySet<string>): WatchEnd | null {
  const gone = view.missing.find((id) => answered.has(id));
  if (gone !== undefined) return aborted('agent', gone, `what the agent said of ${gone} is gone from the record store`);
  const damaged = view.corrupt[0];
  if (damaged !== undefined) return aborted('agent', damaged.id, `what the agent says cannot be read: ${damaged.problem}`);
  for (const status of view.statuses) {
    const why = status.error?.message ?? status.cause ?? 'no reason given';
    if (status.phase === 'refused') {
      return {
        kind: 'ended',
        // A later stage may be refused while an earlier one is in effect.
        ending: view.statuses.some(({ activeAt }) => activeAt !== undefined) ? 'aborted' : 'not-started',
        reason: `agent refused ${status.id}: ${why}`,
        abortedBy: { kind: 'agent', name: status.id },
      };
    }
    if (status.phase === 'lifted') return aborted('agent', status.id, `the effect of ${status.id} vanished before its time`);
    if (status.phase === 'reverting' || status.phase === 'reverted' || status.phase === 'stuck') {
      if (status.cause === 'inject-failed')
        return { kind: 'ended', ending: 'failed', reason: `${status.id} could not be injected: ${why}`, abortedBy: null };
      const kind = status.cause === 'halt' || status.cause === 'lease' || status.cause === 'deadline' ? status.cause : 'agent';
      return aborted(kind, status.id, `${status.id} is being reverted by its agent: ${why}`);
    }
  }
  return null;
}

/** Why a breached probe ends the run. */
export function breachEnd(probe: PlannedProbe, state: ProbeState): WatchEnd & { readonly reason: string } {
  const last = state.last?.value ?? null;
  const value = last === null ? (state.last?.class ?? 'nothing') : inUnit(last, probe.unit);
  switch (state.reason) {
    case 'blind':
      return aborted(
        'blind',
        probe.name,
        `${probe.name} could not be measured for ${probe.abortAfterSeconds} s: ${lastWords(state)}`,
      );
    case 'hard-limit':
      return aborted(
        'probe',
        probe.name,
        `${probe.name} is ${value}, beyond its hard limit ${probe.hardLimit === null ? '' : ruleInUnit(probe.hardLimit, probe.unit)}`,
      );
    default:
      return aborted(
        'probe',
        probe.name,
        `${probe.name} is ${value}, must be ${ruleInUnit(probe, probe.unit)}; ${probe.breach.n} of the last ${probe.breach.m} were bad`,
      );
  }
}

export function aborted(kind: AbortedBy['kind'], name: string, reason: string): WatchEnd {
  return { kind: 'ended', ending: 'aborted', reason, abortedBy: { kind, name } };
}

function lastWords({ last }: ProbeState): string {
  return last?.note ?? last?.class ?? 'it was never asked';
}
