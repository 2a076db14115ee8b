import { describe, expect, test } from '@jest/globals';
import { closeGameDay } from '../../../src/domain/game-day/actions.ts';
import { buildGameDayRecord, dayExitCodeOf } from '../../../src/domain/game-day/build-record.ts';
import type { ScenarioResult } from '../../../src/domain/game-day/record.ts';
import { boxEndsOf, lastStartOf } from '../../../src/domain/game-day/schedule.ts';
import type { RunRecord } from '../../../src/domain/run-record.ts';
import { renderRetrospective } from '../../../src/report/retrospective/index.ts';
import { planOf } from '../../report/fixtures/plan.ts';
import { brokenRecord, dirtyRecord, heldRecord } from '../../report/fixtures/record.ts';
import { dayPlan, factsOf, result } from './fixture.ts';

const dayEvent = {
  at: '2026-11-21T10:41:00.000Z',
  source: 'game-day',
  kind: 'game-day.started',
  text: 'the day begins',
} as const;

const done = result('hand-over', { state: 'done', reason: 'a facilitator said that it is done' });

function recordOf(run: RunRecord, handOver: ScenarioResult = done) {
  const ran = result('slow', { state: 'ran', reason: 'the run ended', runId: run.run.id });
  return buildGameDayRecord(factsOf([ran, handOver]), [dayEvent], new Map([[run.run.id, run]]));
}

/** The same run, ended otherwise. */
function ended(ending: RunRecord['outcome']['ending']): RunRecord {
  const run = brokenRecord();
  return {
    ...run,
    outcome: { ...run.outcome, hypothesis: 'inconclusive', ending, reason: 'no-residue: an injection has not ended' },
    findings: [],
  };
}

test('time boxes follow each other from the start of the day, with the pause between', () => {
  expect(boxEndsOf(dayPlan, 0)).toEqual([600_000, 600_000 + 60_000 + 300_000]);
});

test('a run is begun only while enough of its time box is left for it', () => {
  const [slow, handOver] = dayPlan.scenarios;

  // Baseline 15 s, hold 40 s, grace 15 s.
  expect(lastStartOf(slow!, 600_000)).toBe(530_000);
  expect(lastStartOf(handOver!, 600_000)).toBe(600_000);
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

  test('says when a run acted on other processes than the plan that was shown', () => {
    const [slow] = recordOf(brokenRecord()).scenarios;

    expect(slow).toMatchObject({ plannedHash: planOf().hash, run: { planHash: brokenRecord().run.planHash } });
  });
});

describe('a scenario that proved nothing', () => {
  const actionOf = (record: ReturnType<typeof recordOf>) => record.actions[0];

  test.each([
    ['never began', result('hand-over'), 'hand-over never began: no time.'],
    ['was not finished', result('hand-over', { state: 'timed-out' }), 'hand-over was not finished: no time.'],
  ])('is a finding with an action when it %s', (_, handOver, text) => {
    const record = recordOf({ ...ended('completed') }, handOver);

    expect(record.scenarios[1]!.findings.map((finding) => finding.text)).toEqual([text]);
    expect(actionOf(record)).toMatchObject({ scenario: 'hand-over', finding: text, owner: null });
  });

  test.each([
    ['not-started', 'slow never began: no-residue: an injection has not ended.'],
    ['aborted', 'slow was cut short (aborted): no-residue: an injection has not ended.'],
    ['failed', 'slow was cut short (failed): no-residue: an injection has not ended.'],
  ] as const)('is a finding with an action when its run ended %s', (ending, text) => {
    expect(actionOf(recordOf(ended(ending)))).toMatchObject({ scenario: 'slow', finding: text });
  });

  test('is a finding when its run left no record', () => {
    const lost = result('slow', { state: 'ran', reason: 'its workflow failed', runId: 'rehearsal-1-1-slow' });
    const [finding] = buildGameDayRecord(factsOf([lost]), [], new Map()).scenarios[0]!.findings;

    expect(finding).toMatchObject({ severity: 'high', category: 'safety' });
  });
});

describe('the exit code of a day', () => {
  const held = heldRecord();

  test.each([
    ['0 when everything held', recordOf(held), 0],
    ['1 when a hypothesis broke', recordOf(brokenRecord()), 1],
    ['3 when a scenario never began', recordOf(brokenRecord(), result('hand-over')), 3],
    ['4 when steps by hand were not finished', recordOf(held, result('hand-over', { state: 'timed-out' })), 4],
    [
      '6 when the day was aborted, whatever it skipped',
      { ...recordOf(held, result('hand-over')), ending: 'aborted' as const },
      6,
    ],
  ])('is %s', (_, record, code) => {
    expect(dayExitCodeOf(record)).toBe(code);
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

  test('names alert classes and numbers in the words of the run report', () => {
    expect(markdown).toContain('true positive');
    expect(markdown).not.toContain('true-positive');
    expect(markdown).toContain('time to detect');
  });

  test('opens with what may still be in place, and says of which scenario', () => {
    const dirty = renderRetrospective(recordOf(dirtyRecord())).markdown;

    expect(dirty.indexOf('DIRTY: a fault may still be in place')).toBeGreaterThan(0);
    expect(dirty.indexOf('DIRTY')).toBeLessThan(dirty.indexOf('rehearsal-1'));
    expect(dirty).toContain('Of slow it is not verified');
    expect(markdown).not.toContain('DIRTY');
  });

  test('says that a run acted on processes that were restarted since the plan was shown', () => {
    const run = brokenRecord();
    const fresh = { ...run, run: { ...run.run, planHash: 'aaaa1111bbbb2222' } };

    expect(renderRetrospective(recordOf(fresh)).markdown).toContain('aaaa1111bbbb: the one shown at the start');
  });

  test('says why a scenario was skipped', () => {
    expect(renderRetrospective(recordOf(brokenRecord(), result('hand-over'))).markdown).toContain('Skipped: no time.');
  });
});
