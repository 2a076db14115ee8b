import { expect, test } from '@jest/globals';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import { at } from './samples.ts';
import { alertSeries, story } from './stories.ts';
import type { Changes } from './stories.ts';

const aborted = { ending: 'aborted', reason: 'probe', abortedBy: { kind: 'probe', name: 'errors' } } as const;
const wanted = (withinSeconds: number) => ({ alertname: 'Errors', labels: {}, severity: null, withinSeconds });

test('an alert nobody could have seen in an aborted run is no finding', () => {
  const record = buildRunRecord(story({ firing: null, status: { revertStartedAt: at(20) }, input: { ending: aborted } }));
  expect(record.findings.filter(({ category }) => category === 'monitoring')).toEqual([]);
  expect(record.metrics.ttd).toMatchObject({ status: 'censored', lo: 10 });
});

test.each<[string, Changes, string]>([
  ['an expected alert that fires in time and is delivered is a true positive', {}, 'true-positive'],
  ['one that fires after the wanted time is late', { firing: [31, 45] }, 'late'],
  [
    'one that fires after the revert is late',
    { firing: [41, 45], plan: { expectedAlerts: [{ alertname: 'Errors', labels: {}, severity: null, withinSeconds: 300 }] } },
    'late',
  ],
  ['one of another severity is of wrong severity', { labels: { severity: 'ticket' } }, 'wrong-severity'],
  ['one that was never delivered is suppressed', { delivered: null }, 'suppressed'],
  ['one that fired before the fault is pre-existing', { firing: [5, 45], pending: 2 }, 'pre-existing'],
  [
    'one due just before the fault is pre-existing, however late it was evaluated',
    { firing: [9, 45], pending: 2 },
    'pre-existing',
  ],
  ['one that was pending before the fault is primed', { firing: [12, 45], pending: 7 }, 'primed'],
  ['one that nobody expected is unexpected', { labels: { alertname: 'Other' }, plan: { expectedAlerts: [] } }, 'unexpected'],
  ['one that never fired is missed', { firing: null }, 'missed'],
  ['an unloaded rule is missed, not undetectable', { firing: null, input: { rules: [] } }, 'missed'],
  [
    'one that was not due when the run was aborted is censored, not missed',
    { firing: null, status: { revertStartedAt: at(20) }, input: { ending: aborted } },
    'censored',
  ],
  [
    'one that could not fire yet when the run was aborted is censored, whenever it was wanted',
    { firing: null, status: { revertStartedAt: at(14) }, plan: { expectedAlerts: [wanted(1)] }, input: { ending: aborted } },
    'censored',
  ],
  [
    'one that was due and could have fired before the abort is missed',
    { firing: null, status: { revertStartedAt: at(35) }, input: { ending: aborted } },
    'missed',
  ],
  [
    'one that even the whole plan was too short for is undetectable, aborted or not',
    { firing: null, status: { revertStartedAt: at(14) }, plan: { holdSeconds: 3 }, input: { ending: aborted } },
    'undetectable-by-design',
  ],
])('%s', (_title, changes, expected) => {
  expect(buildRunRecord(story(changes)).alerts.map((alert) => alert.class)).toEqual([expected]);
});

test('an alert that was over before the fault and fires again is a second episode that counts', () => {
  const labels = { alertname: 'Errors', severity: 'page' };
  const [early] = alertSeries(labels, [1, 4], 0);
  const [late, pending] = alertSeries(labels, [17, 45], 12);
  const both = { labels: late!.labels, points: [...early!.points, ...late!.points] };
  const record = buildRunRecord(story({ input: { alertSeries: [both, pending!] } }));
  expect(record.alerts.map((alert) => alert.class)).toEqual(['pre-existing', 'true-positive']);
  expect(record.metrics.ttd).toMatchObject({ status: 'measured', seconds: 7 });
});

test('an alert that was over before the fault does not excuse its silence during it', () => {
  const record = buildRunRecord(story({ firing: [1, 4], pending: 0 }));
  expect(record.alerts.map((alert) => alert.class)).toEqual(['pre-existing', 'missed']);
});

test('an episode holds when it was pending, fired, delivered and cleared', () => {
  const [episode] = buildRunRecord(story()).alerts;
  expect(episode).toMatchObject({ pendingAt: at(12), firedAt: at(17), notifiedAt: at(18), clearedAt: at(46) });
});

test('an alert that still fires at the end has not cleared', () => {
  expect(buildRunRecord(story({ firing: [17, 60] })).alerts[0]).toMatchObject({ clearedAt: null });
});

test('each instance of an alert is an episode of its own, and the first counts for detection', () => {
  const instances = ['a', 'b'].flatMap((instance, index) =>
    alertSeries({ alertname: 'Errors', severity: 'page', instance }, [20 - index, 45], 12),
  );
  const record = buildRunRecord(story({ input: { alertSeries: instances, deliveries: [] } }));
  expect(record.alerts).toHaveLength(2);
  expect(record.metrics.ttd.seconds).toBe(9);
});
