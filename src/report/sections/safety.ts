import { significant } from '../../domain/in-unit.ts';
import { isPersons } from '../../domain/measure/person-source.ts';
import type { GuardResult } from '../../domain/run-record.ts';
import { cell, heading, paragraph, type Tone } from '../blocks.ts';
import { milliseconds } from '../wording/numbers.ts';
import type { Section } from './section.ts';

const toneOf: Readonly<Record<GuardResult['result'], Tone>> = { ok: 'good', warning: 'warning', blocked: 'bad' };

/** How far the run could reach, how fast it let go, and what was checked before it began. */
export const safety: Section = {
  name: 'safety',
  build({ safety: facts, plan, guards, outcome, injections, clocks }) {
    const { selected, of, percent } = facts.blastRadius;
    const breached = outcome.abortedBy?.kind === 'probe' || outcome.abortedBy?.kind === 'blind';
    const afterBreach = (value: number | null): string => (breached ? milliseconds(value) : 'no breach');
    const { source = '' } = clocks.reverted ?? {};
    const ofPersons = breached && isPersons(source) ? `, the word of ${source}` : '';
    return [
      heading(2, 'Safety'),
      {
        type: 'facts',
        items: [
          { label: 'Blast radius', value: `${selected} of ${of} targets (${significant(percent)} %)` },
          { label: 'Breach to revert commanded', value: afterBreach(facts.breachToRevertCommandMs) },
          { label: 'Breach to revert verified', value: `${afterBreach(facts.breachToRevertVerifiedMs)}${ofPersons}` },
          { label: 'Skew between targets', value: injections.length === 1 ? 'one target' : milliseconds(facts.injectionSkewMs) },
          { label: 'In scope', value: plan.scope.in.length === 0 ? 'not stated' : plan.scope.in.join(', ') },
          { label: 'Out of scope', value: plan.scope.out.length === 0 ? 'not stated' : plan.scope.out.join(', ') },
        ],
      },
      guards.length === 0
        ? paragraph('No guard result was recorded.')
        : {
            type: 'table',
            columns: [{ title: 'Guard', tight: true }, { title: 'Result', tight: true }, { title: 'Reason' }],
            rows: guards.map(({ guard, result, reason }) => [cell(guard), cell(result, toneOf[result]), cell(reason)]),
          },
    ];
  },
};
