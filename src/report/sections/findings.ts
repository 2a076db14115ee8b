import { cell, heading, paragraph } from '../blocks.ts';
import { severityTone } from '../wording/verdict.ts';
import type { Section } from './section.ts';

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
              cell(finding.severity, severityTone[finding.severity]),
              cell(finding.category),
              cell(finding.text),
              cell(finding.draftAction),
            ]),
          },
      { type: 'callout', tone: 'plain', title: 'Next step', text: nextStep === '' ? 'None was drafted.' : nextStep },
    ];
  },
};
