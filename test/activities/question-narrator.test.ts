import { expect, test } from '@jest/globals';
import { createQuestionNarrator } from '../../src/activities/question-narrator.ts';
import type { InjectionStatus, Phase } from '../../src/domain/injection/records.ts';
import type { TimelineEvent } from '../../src/domain/run-record.ts';
import { story } from '../domain/measure/stories.ts';

const byHand = { instruction: 'Pull the cable', revertInstruction: 'Plug it in', withinSeconds: 60 };
const { steps, ...rest } = story().plan;
const plan = { ...rest, steps: steps.map((step) => ({ ...step, byHand })) };
const at = '2026-01-01T10:00:00.000Z';

function told(
  seen: readonly InjectionStatus[],
  { earlier = [], given = plan }: { earlier?: TimelineEvent[]; given?: typeof rest & { steps: typeof steps } } = {},
) {
  const events: TimelineEvent[] = [];
  const event = (one: Omit<TimelineEvent, 'at'>) => void events.push({ at, ...one });
  const tell = createQuestionNarrator({ event }, { runId: 'run-1', plan: given, earlier });
  seen.forEach((one) => tell({ statuses: [one], missing: [], corrupt: [] }));
  return events;
}

const status = (phase: Phase, activeAt?: string): InjectionStatus => ({
  schemaVersion: 1,
  id: 'run-1-1-1',
  runId: 'run-1',
  phase,
  ...(activeAt === undefined ? {} : { activeAt }),
});
const life = [
  status('armed'),
  status('activating'),
  status('activating', at),
  status('activating', at),
  status('active', at),
  status('reverting', at),
  status('stuck', at),
  status('reverted', at),
];

test('each question is told once, when it may be answered and not before', () => {
  expect(told(life).map(({ text }) => text.replace(/^.* asks/, 'asks'))).toEqual([
    'asks a person: within 60 s do "Pull the cable", then `firedrill confirm run-1-1-1 injected --as NAME`',
    'asks a person: now do "Plug it in", then `firedrill confirm run-1-1-1 reverted --as NAME`',
  ]);
  expect(told([status('armed'), status('activating')])).toEqual([]);
});

test('what the step before has told is not told again', () => {
  const earlier = told(life.slice(0, 4));
  expect(told(life, { earlier }).map(({ data }) => data?.['word'])).toEqual(['reverted']);
});

test('of what an agent does, nobody is asked anything', () => {
  expect(told(life, { given: { ...rest, steps } })).toEqual([]);
});

test('what was never asked is not asked back', () => {
  expect(told([status('reverting'), status('stuck')])).toEqual([]);
});
