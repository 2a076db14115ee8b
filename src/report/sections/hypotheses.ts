import type { HypothesisOutcome } from '../../domain/run-record.ts';
import { cell, heading, paragraph, type Block } from '../blocks.ts';
import { checkWords } from '../wording/definitions.ts';
import { hypothesisTone } from '../wording/verdict.ts';
import type { Section } from './section.ts';

/** What was claimed, and how each check of it came out. */
export const hypotheses: Section = {
  name: 'hypotheses',
  build({ hypotheses: outcomes }) {
    if (outcomes.length === 0) return [];
    return [heading(2, 'Hypotheses'), ...outcomes.flatMap(blocksOf)];
  },
};

function blocksOf(outcome: HypothesisOutcome): readonly Block[] {
  return [
    heading(3, `${outcome.name}: ${outcome.result}`),
    paragraph(outcome.slo === null ? outcome.statement : `${outcome.statement} (SLO: ${outcome.slo})`),
    {
      type: 'table',
      columns: [
        { title: 'Check' },
        { title: 'Claim', tight: true },
        { title: 'Probe' },
        { title: 'Result', tight: true },
        { title: 'Why' },
      ],
      rows: outcome.checks.map((check) => [
        cell(check.name),
        cell(checkWords[check.kind]),
        cell(check.probe),
        cell(check.result, hypothesisTone[check.result]),
        cell(check.note),
      ]),
    },
  ];
}
