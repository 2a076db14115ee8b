import { heading, paragraph } from '../blocks.ts';
import { verdictMetrics } from '../wording/definitions.ts';
import { keyNumber } from '../wording/numbers.ts';
import { cleanupTone, endingTone, hypothesisTone, mitigatedByLabel, verdictText } from '../wording/verdict.ts';
import type { Section } from './section.ts';

/** One paragraph and five numbers: all that most readers read. */
export const verdict: Section = {
  name: 'verdict',
  build(record) {
    const { outcome, metrics } = record;
    const cleanup = { label: 'Cleanup', value: outcome.cleanup, tone: cleanupTone[outcome.cleanup] };
    const others = [
      { label: 'Hypothesis', value: outcome.hypothesis, tone: hypothesisTone[outcome.hypothesis] },
      { label: 'Ending', value: outcome.ending.replace('-', ' '), tone: endingTone[outcome.ending] },
    ];
    const mitigated = {
      label: 'Mitigated by',
      value: outcome.mitigatedBy === null ? 'not established' : mitigatedByLabel[outcome.mitigatedBy],
      tone: 'plain' as const,
    };
    return [
      heading(2, 'Verdict'),
      { type: 'states', items: outcome.cleanup === 'dirty' ? [cleanup, ...others, mitigated] : [...others, cleanup, mitigated] },
      paragraph(verdictText(record), 'lead'),
      { type: 'key-numbers', items: verdictMetrics.map((name) => keyNumber(name, metrics[name])) },
    ];
  },
};
