import { expect, test } from '@jest/globals';
import { createStageGate } from '../../src/activities/stage-gate.ts';
import type { Sample } from '../../src/domain/measure/sample.ts';
import type { PlannedProbe } from '../../src/domain/plan/plan.ts';
import { planOf } from '../report/fixtures/plan.ts';

const [first] = planOf().probes;
const probe = (name: string, roles: PlannedProbe['roles']): PlannedProbe => ({ ...first!, name, roles });
const probes = [probe('errors', ['abort']), probe('pays', ['steady-state']), probe('paged', [])];

const sample = (name: string, is: Sample['class']): Sample => ({
  probe: name,
  at: '2026-01-01T00:00:00.000Z',
  sourceAt: null,
  value: is === 'good' ? 0 : 1,
  class: is,
  latencyMs: 1,
  note: null,
});

function gate(...samples: readonly (readonly [string, Sample['class']])[]) {
  const made = createStageGate(probes);
  made.begin();
  for (const [name, is] of samples) made.take(sample(name, is));
  return made;
}

test('a stage is followed by the next when every probe was good', () => {
  expect(gate(['errors', 'good'], ['pays', 'good']).problem()).toBeNull();
});

test('a stage in which a probe was bad at the end, or for long, is followed by none', () => {
  expect(gate(['errors', 'good'], ['pays', 'good'], ['pays', 'bad']).problem()).toContain('pays');
  expect(gate(['errors', 'bad'], ['errors', 'bad'], ['errors', 'good'], ['pays', 'good']).problem()).toContain('errors');
});

test('a stage that nobody measured is followed by none', () => {
  expect(gate(['errors', 'good']).problem()).toBe('pays was not measured');
  expect(gate(['errors', 'good'], ['pays', 'no-data']).problem()).toContain('pays');
});

test('what was measured before a stage says nothing of it', () => {
  const made = gate(['errors', 'bad'], ['pays', 'bad']);
  made.begin();
  made.take(sample('errors', 'good'));
  made.take(sample('pays', 'good'));
  expect(made.problem()).toBeNull();
});
