import { expect, test } from '@jest/globals';
import { badSideKinds, unseenBadSides } from '../../../src/domain/measure/bad-side.ts';
import type { TimelineEvent } from '../../../src/domain/run-record.ts';
import { at, sampleLike } from './samples.ts';

const told = (kind: string): TimelineEvent => ({ at: at(0), source: 'run', kind, text: 'why', data: { probe: 'errors' } });

test('a bad side that was not seen before the run nor in it is reported once, with whether it can be seen at all', () => {
  const timeline = [told(badSideKinds.unseen), told(badSideKinds.unknown)];
  const samples = [sampleLike(1, 'good', 0), sampleLike(2, 'no-data')];
  expect(unseenBadSides({ timeline, samples })).toEqual([{ probe: 'errors', text: 'why', unknown: true }]);
  expect(unseenBadSides({ timeline: [told('run.baseline')], samples })).toEqual([]);
});

test('a bad side that the run itself has seen is proven', () => {
  expect(unseenBadSides({ timeline: [told(badSideKinds.unseen)], samples: [sampleLike(1, 'good', 0.01)] })).toEqual([]);
});
