import { cleanupAdvice } from '../plan/agent-advice.ts';
import type { MeasurementInput } from './input.ts';
import type { Finding, Outcome } from '../run-record.ts';

/** One sentence: what to do after this run. */
export function nextStepOf(input: MeasurementInput, outcome: Outcome, findings: readonly Finding[]): string {
  const first = findings[0];
  if (outcome.cleanup === 'dirty')
    return `Make sure that every fault is gone: ${first?.draftAction ?? `${cleanupAdvice(input.plan.environment)}.`}`;
  if (outcome.ending === 'not-started' || outcome.ending === 'failed')
    return `Remove what stopped the run (${outcome.reason}), then start it again.`;
  if (outcome.hypothesis === 'broken') return `${first?.text ?? outcome.reason} ${first?.draftAction ?? ''}`.trim();
  if (outcome.hypothesis === 'inconclusive')
    return `Nothing is proven yet (${outcome.reason}). ${first?.draftAction ?? 'Run it again, for longer.'}`;
  return `It held. ${largerStage(input)}${first === undefined ? '' : ` Before that: ${first.draftAction}`}`;
}

function largerStage(input: MeasurementInput): string {
  const widest = input.plan.steps.map((step) => step.selection).toSorted((a, b) => b.percent - a.percent)[0];
  // All of them is never proposed: a plan of every member is refused without a permission of its own.
  const more = widest === undefined ? 0 : Math.min(widest.of - 1, widest.selected * 2);
  if (widest !== undefined && more > widest.selected) {
    return `Next, the larger stage: ${more} of ${widest.of} targets instead of ${widest.selected}.`;
  }
  return `Next, a harder one: hold for ${input.plan.holdSeconds * 2} s instead of ${input.plan.holdSeconds} s, or raise the fault's strength.`;
}
