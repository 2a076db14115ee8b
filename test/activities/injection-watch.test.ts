import { expect, test } from '@jest/globals';
import { createPhaseNarrator, endText } from '../../src/activities/injection-watch.ts';
import type { InjectionStatus, Phase } from '../../src/domain/injection/records.ts';
import type { TimelineEvent } from '../../src/domain/run-record.ts';
import { specOf } from '../agent/records.ts';

const clock = { now: () => Date.parse('2026-01-01T10:01:00.000Z'), monotonic: () => 0 };

const status = (phase: Phase, changes: Partial<InjectionStatus> = {}): InjectionStatus => ({
  schemaVersion: 1,
  id: 'run-1-1-1',
  runId: 'run-1',
  phase,
  ...changes,
});

test('each phase is told once, at the time its agent gives', () => {
  const events: Omit<TimelineEvent, 'at'>[] = [];
  const narrate = createPhaseNarrator({ event: (event) => events.push(event) }, { specs: [specOf()], earlier: [], clock });
  const at = (seconds: number) => `2026-01-01T10:00:${String(seconds).padStart(2, '0')}.000Z`;
  const times = { armingAt: at(1), armedAt: at(2), lastAbsentAt: at(3) };
  const seen = [
    status('arming', { armingAt: at(1) }),
    status('armed', { ...times }),
    status('armed', { ...times }),
    status('activating', { ...times }),
    status('active', { ...times, verifiedAt: at(4) }),
    status('reverting', { ...times, revertStartedAt: at(5), cause: 'asked' }),
    status('reverted', { ...times, revertVerifiedAt: at(6), cause: 'asked' }),
  ];
  for (const one of seen) {
    const view = { statuses: [one], missing: [], corrupt: [] };
    narrate(view);
  }
  expect(events.map((event) => [event.kind, 'at' in event ? event.at : null])).toEqual([
    ['injection.arming', at(1)],
    ['injection.armed', at(2)],
    ['injection.activating', at(3)],
    ['injection.active', at(4)],
    ['injection.reverting', at(5)],
    ['injection.reverted', at(6)],
  ]);
  // Beside it, when the worker saw it, on its own clock.
  expect(events.map(({ data }) => data?.['seenAt'])).toEqual(events.map(() => '2026-01-01T10:01:00.000Z'));
});

test('what the step before has told is not told again', () => {
  const tell = (phase: Phase, earlier: readonly TimelineEvent[]) => {
    const events: TimelineEvent[] = [];
    const event = (one: Omit<TimelineEvent, 'at'>) => void events.push({ at: '2026-01-01T10:00:00.000Z', ...one });
    createPhaseNarrator(
      { event },
      { specs: [specOf()], earlier, clock },
    )({ statuses: [status(phase)], missing: [], corrupt: [] });
    return events;
  };
  const told = tell('spent', []);
  expect(told).toMatchObject([{ kind: 'injection.spent' }]);
  expect(tell('spent', told)).toEqual([]);
  expect(tell('reverted', tell('reverting', told))).toMatchObject([{ kind: 'injection.reverted' }]);
});

test('what was taken over with our change in it is not told as gone', () => {
  const revertEvidence = { summary: 'w1 still has our change', data: { leftInPlace: ['spec.unschedulable'] } };
  const taken = status('lifted', { cause: 'responder', revertEvidence });
  expect(endText([taken, status('reverted')])).toBe(
    'not every fault is gone: 1 taken over by somebody, with our change in it; 1 read back',
  );
  const told: string[] = [];
  createPhaseNarrator(
    { event: ({ text }) => told.push(text) },
    { specs: [specOf()], earlier: [], clock },
  )({
    statuses: [taken],
    missing: [],
    corrupt: [],
  });
  expect(told).toEqual([expect.stringContaining('w1 still has our change')]);
});

test('what went with its node is not told as read back', () => {
  const unread = status('reverted', {
    cause: 'target-gone',
    revertEvidence: { summary: 'w1 is gone', data: { readBack: false } },
  });
  expect(endText([unread])).toBe('every fault is gone: 1 gone with the node, not read back');
  expect(endText([unread, status('reverted')])).toBe('every fault is gone: 1 read back; 1 gone with the node, not read back');
  const told: string[] = [];
  createPhaseNarrator(
    { event: ({ text }) => told.push(text) },
    { specs: [specOf()], earlier: [], clock },
  )({
    statuses: [unread],
    missing: [],
    corrupt: [],
  });
  expect(told).toEqual([expect.stringMatching(/: ended, cause: target-gone \(w1 is gone\)$/)]);
});

test.each<[string, Phase[]]>([
  ['every fault is gone, read back', ['reverted', 'lifted']],
  ['nothing was injected: the agents refused', ['refused', 'refused']],
  ['every fault is gone: 1 read back; 1 refused and never injected', ['reverted', 'refused']],
  ['every fault is gone: 2 spent, with nothing to revert', ['spent', 'spent']],
])('the end of a run says "%s"', (text, phases) => {
  expect(endText(phases.map((phase) => status(phase)))).toBe(text);
});
