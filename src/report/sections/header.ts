import { heading, type Block } from '../blocks.ts';
import { lengthInWords, secondsBetween, utcDateTime } from '../wording/times.ts';
import { dirtyText, dirtyTitle } from '../wording/verdict.ts';
import type { Section } from './section.ts';

/** What ran, where and when. A dirty cleanup comes before even the title. */
export const header: Section = {
  name: 'header',
  build(record) {
    const { run, plan, outcome } = record;
    const dirty: readonly Block[] =
      outcome.cleanup === 'dirty' ? [{ type: 'callout', tone: 'bad', title: dirtyTitle, text: dirtyText(record) }] : [];
    return [
      ...dirty,
      heading(1, plan.experiment.title),
      {
        type: 'facts',
        items: [
          { label: 'Experiment', value: run.experiment },
          { label: 'Environment', value: run.environment },
          { label: 'Started (UTC)', value: utcDateTime(run.startedAt) },
          { label: 'Length', value: lengthInWords(secondsBetween(run.startedAt, run.endedAt)) },
          { label: 'Run', value: run.id, code: true },
          { label: 'Plan', value: run.planHash.slice(0, 12), code: true },
          { label: 'Seed', value: String(run.seed) },
          { label: 'Firedrill', value: run.firedrillVersion },
        ],
      },
    ];
  },
};
