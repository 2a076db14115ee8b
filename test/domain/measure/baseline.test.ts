import { expect, test } from '@jest/globals';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import { baselineProblem } from '../../../src/domain/measure/baseline.ts';
import type { SampleClass } from '../../../src/domain/measure/sample.ts';
import { probeLike, sampleLike } from './samples.ts';
import { everySecond, story } from './stories.ts';

const event = probeLike({ roles: [], comparator: '==', threshold: 1, unit: 'none' });
const samples = (...classes: SampleClass[]) => classes.map((each, second) => sampleLike(second, each));

test('an event that is not there yet is a baseline', () => {
  expect(baselineProblem(event, samples('bad', 'bad', 'bad', 'bad'))).toBeNull();
});

test.each<[string, SampleClass[]]>([
  ['that is there already', ['good', 'good', 'good']],
  ['that came during it', ['bad', 'bad', 'bad', 'bad', 'good']],
  ['that nobody could look for at the end', ['bad', 'bad', 'bad', 'bad', 'error']],
])('an event %s is none', (_title, classes) => {
  expect(baselineProblem(event, samples(...classes))).toContain('not proven to be absent before the fault');
});

test('an event that nobody could look for is none', () => {
  expect(baselineProblem(event, samples('error', 'no-data'))).toContain('returned no usable data');
});

test.each<[string, SampleClass[], string | null]>([
  ['good throughout', ['good', 'good'], null],
  ['with one slow scrape in five', ['good', 'error', 'good', 'good', 'good'], null],
  ['bad at the end', ['good', 'good', 'good', 'good', 'bad'], 'was good in 4 of 5 samples'],
  ['bad for too long', ['bad', 'bad', 'good', 'good', 'good'], 'was good in 3 of 5 samples'],
  ['unseen at the end', ['good', 'good', 'good', 'good', 'stale'], 'last stale'],
])('steady state %s', (_title, classes, problem) => {
  const found = baselineProblem(probeLike(), samples(...classes));
  if (problem === null) expect(found).toBeNull();
  else expect(found).toContain(problem);
});

test.each([
  ['seen', everySecond([0, 15])],
  ['not seen', everySecond([0, 100])],
])('an event does not end in a breach: it was %s', (state, all) => {
  expect(buildRunRecord(story({ plan: { probes: [event] }, samples: all })).probes[0]!.finalState).toBe(state);
});
