import { expect, test } from '@jest/globals';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import { event, story } from './stories.ts';

const environment = { ...story().plan.environment, alertmanagerUrls: ['http://alertmanager'] };

test('alerts that Prometheus could not be asked for are unknown, neither missed nor fired', () => {
  const input = { unanswered: ['http://prometheus'], rules: [] };
  const { metrics, alerts, findings } = buildRunRecord(story({ firing: null, input }));

  expect(alerts).toEqual([]);
  expect(metrics.ttd).toMatchObject({ status: 'not-measured', seconds: null, lo: null, hi: null });
  expect(metrics.ttn).toMatchObject({ status: 'not-measured', seconds: null });
  const texts = findings.map(({ text }) => text).join('\n');
  expect(texts).toContain('Prometheus at http://prometheus did not answer when the run had ended: alerts were not measured.');
  expect(texts).not.toMatch(/did not fire|not loaded/);
});

test('a notification that a dead Alertmanager did not send was not suppressed, and has no time', () => {
  const { metrics, alerts, findings } = buildRunRecord(
    story({ delivered: null, plan: { environment }, input: { unanswered: ['http://alertmanager'] } }),
  );

  expect(alerts.map((alert) => alert.class)).toEqual(['true-positive']);
  expect(metrics.ttd.status).toBe('measured');
  expect(metrics.ttn).toMatchObject({ status: 'not-measured', seconds: null });
  expect(metrics.ttn.note).toContain('Alertmanager at http://alertmanager did not answer');
  expect(findings[0]).toMatchObject({ severity: 'high', category: 'monitoring' });
});

test('a notification that arrived keeps its time, whatever died afterwards', () => {
  const { metrics } = buildRunRecord(story({ plan: { environment }, input: { unanswered: ['http://alertmanager'] } }));
  expect(metrics.ttn).toMatchObject({ status: 'measured', seconds: 8 });
});

test('a steady state that nobody could see is not measured, and no finding says that it stayed away', () => {
  const base = story({ restored: null });
  const unknown = buildRunRecord({ ...base, timeline: [...base.timeline, event(55, 'run.recovery-unknown')] });
  const known = buildRunRecord(base);

  expect(unknown.metrics.ttr.status).toBe('not-measured');
  expect(unknown.findings.map(({ text }) => text).join()).not.toContain('Steady state did not come back');
  expect(known.metrics.ttr.status).toBe('not-restored');
});
