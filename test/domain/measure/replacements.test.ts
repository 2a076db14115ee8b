import { expect, test } from '@jest/globals';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import { story } from './stories.ts';

test('what was not replaced in time is a finding, and does not make the run dirty', () => {
  const told = {
    at: '2026-03-02T10:05:00.000Z',
    source: 'run',
    kind: 'run.not-replaced',
    text: 'payments-api/payments-api-3 was not replaced within 120 s',
  } as const;
  const input = story({});
  const { findings, outcome } = buildRunRecord({ ...input, timeline: [...input.timeline, told] });
  expect(findings).toContainEqual(expect.objectContaining({ category: 'resilience', text: `${told.text}.` }));
  expect(outcome.cleanup).toBe('clean');
});
