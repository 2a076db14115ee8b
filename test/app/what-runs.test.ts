import { expect, test } from '@jest/globals';
import { whatRuns } from '../../src/app/what-runs.ts';
import type { RunStatus } from '../../src/domain/run-messages.ts';

const run: RunStatus = {
  runId: 'slow-1',
  experiment: 'slow',
  step: 'watching',
  startedAt: '2026-11-21T10:41:00.000Z',
  aborted: null,
  detail: {},
};
const day: RunStatus = {
  ...run,
  runId: 'day-1',
  step: 'gate',
  detail: { scenario: 'first', current: null, currentRunId: null },
};

test.each([
  ['a run', run, 'slow-1 is watching, since 2026-11-21T10:41:00.000Z'],
  [
    'a run that was aborted',
    { ...run, aborted: { runId: 'slow-1', by: 'ada', why: 'enough' } },
    'slow-1 is watching, since 2026-11-21T10:41:00.000Z; ada aborted it: enough',
  ],
  ['a day before a scenario', day, 'day-1 is at the gate before first, since 2026-11-21T10:41:00.000Z'],
  [
    'a day during a run',
    { ...day, step: 'scenario', detail: { scenario: 'first', currentRunId: 'day-1-1-first' } } as const,
    'day-1 plays first as run day-1-1-first, since 2026-11-21T10:41:00.000Z',
  ],
  [
    'a day during steps by hand',
    { ...day, step: 'scenario' } as const,
    'day-1 plays first, by hand, since 2026-11-21T10:41:00.000Z',
  ],
  [
    'a day after its scenarios',
    { ...day, step: 'measuring', detail: { scenario: null } } as const,
    'day-1 is measuring, since 2026-11-21T10:41:00.000Z',
  ],
])('says what %s is doing', (_, status, text) => {
  expect(whatRuns(status)).toBe(text);
});
