import { describe, expect, test } from '@jest/globals';
import { addressOf } from '../../../src/domain/game-day/address.ts';
import type { RunStatus } from '../../../src/domain/run-messages.ts';

const between: RunStatus = {
  runId: 'day',
  experiment: 'rehearsal',
  step: 'gate',
  startedAt: '2026-11-21T10:41:00.000Z',
  aborted: null,
  detail: { current: null, currentRunId: null },
};
const during: RunStatus = { ...between, step: 'scenario', detail: { current: 'env:demo/1', currentRunId: 'day-1-slow' } };
const day = { workflowId: null, runId: 'day' };
const run = { workflowId: 'env:demo/1', runId: 'day-1-slow' };

describe('a message during a game day', () => {
  test.each(['note', 'noticed', 'acknowledged', 'acted', 'mitigated'] as const)('goes to the run that is on: %s', (word) => {
    expect(addressOf(during, { runId: 'day', word })).toEqual(run);
  });

  test.each(['next', 'abort'] as const)('goes to the day when it is for the day: %s', (word) => {
    expect(addressOf(during, { runId: 'day', word })).toEqual(day);
  });

  test('ends only the run when the abort names the run', () => {
    expect(addressOf(during, { runId: 'day-1-slow', word: 'abort' })).toEqual(run);
  });

  test('goes to the day between scenarios', () => {
    expect(addressOf(between, { runId: 'day', word: 'note' })).toEqual(day);
  });

  test('keeps the id of an older run, so that the holder of the lock refuses it', () => {
    expect(addressOf(during, { runId: 'yesterday', word: 'note' })).toEqual({ workflowId: null, runId: 'yesterday' });
  });
});
