import { expect, test } from '@jest/globals';
import { at } from './samples.ts';
import { alertsTold, awaitsDelivery, turnsSeen } from '../../../src/domain/measure/alerts-seen.ts';
import type { AlertsTold, SeenAlert } from '../../../src/domain/measure/alerts-seen.ts';
import type { DeliveredAlert } from '../../../src/domain/measure/input.ts';
import type { TimelineEvent } from '../../../src/domain/run-record.ts';

const labels = { alertname: 'Errors', severity: 'page' };
const alert = (state: SeenAlert['state'], activeAt = 12): SeenAlert => ({ labels, state, activeAt: at(activeAt) });
const delivery = (receivedAt: number, startsAt: number): DeliveredAlert => ({
  receivedAt: at(receivedAt),
  status: 'firing',
  labels: { ...labels, cluster: 'added by Alertmanager' },
  startsAt: at(startsAt),
  fingerprint: 'f',
});

/** Polls once a second from second 10 on, and gives every line as [second, kind]. */
function told(
  polls: readonly (readonly SeenAlert[])[],
  deliveries: readonly DeliveredAlert[] = [],
  before: AlertsTold = new Map(),
): TimelineEvent[] {
  let known = before;
  return polls.flatMap((seen, index) => {
    const now = at(10 + index);
    const received = deliveries.filter(({ receivedAt }) => receivedAt <= now);
    const turns = turnsSeen(known, seen, received, { runStartedAt: at(5), now });
    known = turns.told;
    return turns.events;
  });
}
const lines = (events: readonly TimelineEvent[]) => events.map(({ at, text }) => `${at.slice(17, 19)} ${text}`);

test('an alert is told once when it becomes pending, fires, is delivered and clears', () => {
  const polls = [[], [], [alert('pending')], [alert('pending')], [alert('firing')], [alert('firing')], [alert('firing')], [], []];
  expect(lines(told(polls, [delivery(15, 14)]))).toEqual([
    '12 Errors is pending',
    '14 Errors fires',
    '15 Errors was delivered',
    '17 Errors cleared',
  ]);
});

test('an alert that fired and was delivered between two polls is told in that order', () => {
  expect(lines(told([[alert('firing', 10)]], [delivery(10, 10)]))).toEqual(['10 Errors fires', '10 Errors was delivered']);
});

test('a delivery of an earlier firing is not taken for one of this', () => {
  expect(lines(told([[alert('firing', 10)]], [delivery(9, 8)]))).toEqual(['10 Errors fires']);
});

test('an alert that was active before the run began is not the run’s', () => {
  expect(told([[alert('firing', 4)], []])).toEqual([]);
});

test('the next step goes on where the one before stopped: nothing is told twice, and what cleared in between is told', () => {
  const before = told([[alert('pending', 10)], [alert('firing', 10)]]);
  const known = alertsTold(before);
  expect(told([[alert('firing', 10)]], [], known)).toEqual([]);
  expect(lines(told([[]], [], known))).toEqual(['10 Errors cleared']);
});

test('an alert that clears and comes again is told again', () => {
  const events = told([[alert('firing', 10)], [], [alert('pending', 12)]]);
  expect(lines(events)).toEqual(['10 Errors fires', '11 Errors cleared', '12 Errors is pending']);
  expect([...alertsTold(events).values()]).toMatchObject([{ turn: 'pending' }]);
});

test('a delivery is waited for from the first firing of the run’s own alert until it is told', () => {
  const waits = (before: readonly TimelineEvent[], seen: readonly SeenAlert[]) => awaitsDelivery(alertsTold(before), seen, at(5));
  expect(waits([], [alert('pending', 10)])).toBe(false);
  expect(waits([], [alert('firing', 4)])).toBe(false);
  expect(waits([], [alert('firing', 10)])).toBe(true);
  const delivered = told([[alert('firing', 10)]], [delivery(10, 10)]);
  expect(waits(delivered, [alert('firing', 10)])).toBe(false);
});
