import type { Finding } from '../../domain/run-record.ts';
import { cell, heading, paragraph, type Tone } from '../blocks.ts';
import type { Section } from './section.ts';

const toneOf: Readonly<Record<Finding['severity'], Tone>> = { high: 'bad', medium: 'warning', low: 'plain' };

/** What was learned, the action drafted for it, and what to do next. */
export const findings: Section = {
  name: 'findings',
  build({ findings: all, nextStep }) {
    return [
      heading(2, 'Findings and actions'),
      all.length === 0
        ? paragraph('The run produced no finding.')
        : {
            type: 'table',
            columns: [
              { title: 'Severity', tight: true },
              { title: 'Category', tight: true },
              { title: 'Finding' },
              { title: 'Drafted action' },
            ],
            rows: all.map((finding) => [
              cell(finding.severity, toneOf[finding.severity]),
              cell(finding.category),
              cell(finding.text),
              cell(finding.draftAction),
            ]),
          },
      { type: 'callout', tone: 'plain', title: 'Next step', text: nextStep === '' ? 'None was drafted.' : nextStep },
    ];
  },
};
