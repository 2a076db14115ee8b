import { isLeftInPlace, isUnread } from '../../domain/injection/revert-evidence.ts';
import { cleanupAdvice } from '../../domain/plan/agent-advice.ts';
import type { AbortedBy, AlertClass, Finding, MitigatedBy, Outcome, RunRecord } from '../../domain/run-record.ts';
import type { Tone } from '../blocks.ts';
import { faultBandOf } from '../charts/fault-band.ts';

export const dirtyTitle = 'DIRTY: a fault may still be in place';

const hypothesisSentence: Readonly<Record<Outcome['hypothesis'], string>> = {
  held: 'The hypothesis held.',
  broken: 'The hypothesis was broken.',
  inconclusive: 'The hypothesis could not be judged: too little was measured to say held or broken.',
};

const abortedByWords: Readonly<Record<AbortedBy['kind'], string>> = {
  probe: 'because an abort probe was breached',
  blind: 'because a probe it must be able to see went blind',
  halt: 'because the halt switch was thrown',
  person: 'because a person asked',
  lease: 'because its lease was no longer renewed',
  deadline: 'because its deadline passed',
  agent: 'because of the agent',
  guard: 'because of a guard',
};

const mitigatedByWords: Readonly<Record<MitigatedBy, string>> = {
  responder: 'A responder mitigated it.',
  'auto-heal': 'The system healed itself.',
  expiry:
    'Nobody mitigated it before the fault ended by its own expiry, so the time to mitigate is unknown beyond its lower bound.',
  abort: 'The abort ended it, not the responders, so the time to mitigate is unknown beyond its lower bound.',
  halt: 'The halt switch ended it, not the responders, so the time to mitigate is unknown beyond its lower bound.',
};

/** The run in plain English: cleanup first when it is dirty, then hypothesis, ending, who mitigated, cleanup. */
export function verdictText(record: RunRecord): string {
  const { outcome } = record;
  const sentences = [
    ...(outcome.cleanup === 'dirty' ? [dirtySentence(record)] : []),
    hypothesisSentence[outcome.hypothesis],
    endingSentence(outcome),
    outcome.reason === '' ? '' : sentence(outcome.reason),
    mitigationSentence(record),
    outcome.cleanup === 'clean' ? cleanSentence(record) : '',
  ];
  return sentences.filter((text) => text !== '').join(' ');
}

function dirtySentence(record: RunRecord): string {
  return record.injections.some(({ status }) => !isProvedGone(status)) || takenOver(record).length === 0
    ? 'Cleanup is dirty: a revert was not verified, and its fault may still be in place.'
    : 'Cleanup is dirty: what a fault changed was taken over by somebody, and is still as the fault made it.';
}

type Injection = RunRecord['injections'][number];

function takenOver({ injections }: RunRecord): readonly string[] {
  return injections.filter(({ status }) => status !== null && isLeftInPlace(status)).map(sayInjection);
}

const sayInjection = ({ spec }: Injection): string => `${spec.fault} on ${spec.target.name}`;

/** Which faults are not proved gone, and what to do now. */
export function dirtyText(record: RunRecord): string {
  const unproved = record.injections.filter(({ status }) => !isProvedGone(status)).map(sayInjection);
  const kept = takenOver(record);
  if (unproved.length === 0 && kept.length > 0)
    return `What ${kept.join(', ')} changed is still so: its label was taken off, and nothing undoes it any more. Undo it by hand, unless that is wished.`;
  const which = unproved.length === 0 ? 'At least one revert' : `The revert of ${unproved.join(', ')}`;
  return `${which} was not verified. Look at the target before anything else, and ${cleanupAdvice(record.plan.environment).replaceAll('`', '')}.`;
}

function isProvedGone(status: Injection['status']): boolean {
  if (status === null) return false;
  return status.phase === 'refused' || status.phase === 'spent' || status.revertVerifiedAt !== undefined;
}

function endingSentence({ ending, abortedBy }: Outcome): string {
  if (ending === 'completed') return 'The run completed as planned.';
  if (ending === 'not-started') return 'The run did not start.';
  if (ending === 'failed') return 'The run failed before it could finish its plan.';
  if (abortedBy === null) return 'The run was aborted.';
  return `The run was aborted ${abortedByWords[abortedBy.kind]}: ${abortedBy.name}.`;
}

function mitigationSentence(record: RunRecord): string {
  const { outcome, metrics, clocks } = record;
  if (outcome.mitigatedBy === 'auto-heal' && faultBandOf(record) !== null)
    return 'The system healed itself while the fault was still on.';
  if (outcome.mitigatedBy !== null) return mitigatedByWords[outcome.mitigatedBy];
  if (clocks.t0 === null) return '';
  return metrics.tti.status === 'no-impact'
    ? 'There was no impact to mitigate.'
    : 'Who or what mitigated it was not established.';
}

function cleanSentence({ clocks, injections }: RunRecord): string {
  if (injections.length === 0) return 'Cleanup is clean: no fault was written.';
  if (clocks.t0 === null) return 'Cleanup is clean: no fault is left.';
  const events = injections.filter(({ status }) => status?.phase === 'spent').length;
  if (events === injections.length) return 'Cleanup is clean: what happened is over, and leaves nothing to revert.';
  if (injections.some(({ status }) => status !== null && isUnread(status)))
    return 'Cleanup is clean: what was on a node that is gone went with it, unread; every other revert was verified by reading back.';
  return `Cleanup is clean: every revert was verified by reading back${events === 0 ? '' : ', and the rest leaves nothing to revert'}.`;
}

/** A name that begins the sentence (`checkout-errors`) is left as it is. */
function sentence(text: string): string {
  const start = /^[a-z]+(?:[ ,.]|$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

export const hypothesisTone: Readonly<Record<Outcome['hypothesis'], Tone>> = {
  held: 'good',
  broken: 'bad',
  inconclusive: 'unknown',
};
export const endingTone: Readonly<Record<Outcome['ending'], Tone>> = {
  completed: 'good',
  aborted: 'warning',
  'not-started': 'unknown',
  failed: 'bad',
};
export const severityTone: Readonly<Record<Finding['severity'], Tone>> = { high: 'bad', medium: 'warning', low: 'plain' };
export const alertClassTone: Readonly<Record<AlertClass, Tone>> = {
  'true-positive': 'good',
  late: 'warning',
  missed: 'bad',
  'undetectable-by-design': 'unknown',
  censored: 'unknown',
  'pre-existing': 'unknown',
  primed: 'unknown',
  suppressed: 'bad',
  'wrong-severity': 'warning',
  unexpected: 'warning',
};
export const cleanupTone: Readonly<Record<Outcome['cleanup'], Tone>> = { clean: 'good', dirty: 'bad' };

export const mitigatedByLabel: Readonly<Record<MitigatedBy, string>> = {
  responder: 'responder',
  'auto-heal': 'auto-heal',
  expiry: 'nobody (expired)',
  abort: 'abort',
  halt: 'halt switch',
};
