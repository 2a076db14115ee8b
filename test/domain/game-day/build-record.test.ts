import { describe, expect, test } from '@jest/globals';
import { closeGameDay } from '../../../src/domain/game-day/actions.ts';
import { buildGameDayRecord, dayExitCodeOf } from '../../../src/domain/game-day/build-record.ts';
import { boxEndsOf } from '../../../src/domain/game-day/schedule.ts';
import type { RunRecord } from '../../../src/domain/run-record.ts';
import { renderRetrospective } from '../../../src/report/retrospective/index.ts';
import { brokenRecord, dirtyRecord } from '../../report/fixtures/record.ts';
import { dayPlan, factsOf, result } from './fixture.ts';

const dayEvent = {
  at: '2026-11-21T10:41:00.000Z',
  source: 'game-day',
  kind: 'game-day.started',
  text: 'the day begins',
} as const;

function recordOf(run: RunRecord) {
  const ran = result('slow', { state: 'ran', reason: 'the run ended', runId: run.run.id });
  return buildGameDayRecord(factsOf([ran, result('hand-over')]), [dayEvent], new Map([[run.run.id, run]]));
}

test('time boxes follow each other from the start of the day, with the pause between', () => {
  expect(boxEndsOf(dayPlan, 0)).toEqual([600_000, 600_000 + 60_000 + 300_000]);
});

describe('the record of a day', () => {
  test('holds the events of the day and of its runs in one order', () => {
    const run = brokenRecord();
    const { timeline } = recordOf(run);

    expect(timeline).toHaveLength(run.timeline.length + 1);
    expect(timeline.map(({ at }) => Date.parse(at))).toEqual(timeline.map(({ at }) => Date.parse(at)).toSorted((a, b) => a - b));
  });

  test('drafts one action per finding, due when the plan says and owned by nobody', () => {
    const run = brokenRecord();
    const { actions } = recordOf(run);

    expect(actions.map(({ text }) => text)).toEqual(run.findings.map(({ draftAction }) => draftAction));
    expect(actions.every(({ owner, due }) => owner === null && due === '2026-12-05')).toBe(true);
  });

  test('is dirty when a run was dirty, and that outranks everything in the exit code', () => {
    const record = recordOf(dirtyRecord());

    expect(record.cleanup).toBe('dirty');
    expect(dayExitCodeOf(record)).toBe(5);
  });

  test('is dirty when a run left no record, because nobody has seen it clean', () => {
    const lost = result('slow', { state: 'ran', runId: 'rehearsal-1-1-slow' });

    expect(buildGameDayRecord(factsOf([lost]), [], new Map()).cleanup).toBe('dirty');
  });

  test('gives the exit code of its worst run', () => {
    expect(dayExitCodeOf(recordOf(brokenRecord()))).toBe(1);
  });
});

describe('closing a day', () => {
  const record = recordOf(brokenRecord());
  const owned = record.actions.map(({ id }) => ({ id, owner: 'grace' }));

  test('is refused while an action has no owner', () => {
    expect(() => closeGameDay(record, owned.slice(1), 'now')).toThrow('A1 has no owner');
  });

  test('is refused while an action has no due date', () => {
    const undated = { ...record, actions: record.actions.map((action) => ({ ...action, due: null })) };

    expect(() => closeGameDay(undated, owned, 'now')).toThrow('A1 has no due date');
  });

  test('is refused when a decision is about no action of the day', () => {
    expect(() => closeGameDay(record, [...owned, { id: 'A99' }], 'now')).toThrow('A99 is no action');
  });

  test('keeps what people decided', () => {
    const closed = closeGameDay(record, owned, '2026-11-22T09:00:00.000Z');

    expect(closed.closedAt).toBe('2026-11-22T09:00:00.000Z');
    expect(closed.actions.every(({ owner }) => owner === 'grace')).toBe(true);
  });
});

describe('the retrospective', () => {
  const { markdown, html } = renderRetrospective(recordOf(brokenRecord()));

  test('holds each scenario, its numbers, the questions, the actions and the timeline', () => {
    for (const part of [
      'Scenario 1: slow',
      'Scenario 2: hand-over',
      'TTD',
      'TTN',
      'TTM',
      'What surprised us?',
      'nobody yet',
      'the day begins',
    ])
      expect(markdown).toContain(part);
    expect(html).toContain('Scenario 1: slow');
  });

  test('says why a scenario was skipped', () => {
    expect(markdown).toContain('Skipped: no time.');
  });
});
