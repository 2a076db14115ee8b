import { expect, test } from '@jest/globals';
import { classify } from '../../../src/domain/measure/classify.ts';
import type { Reading } from '../../../src/domain/measure/sample.ts';
import { at, probeLike } from './samples.ts';

const reading: Reading = { value: 0.01, sourceAt: at(9), events: 100, problem: null };

test.each<[string, Partial<Reading>, string]>([
  ['a value within the threshold is good', {}, 'good'],
  ['a value on the threshold of "less than" is bad', { value: 0.05 }, 'bad'],
  ['an upstream error is an error, whatever else was read', { problem: { class: 'error', note: 'timeout' }, value: 0 }, 'error'],
  ['a wrong shape is a configuration problem', { problem: { class: 'config', note: '2 series' } }, 'config'],
  ['no value is no data', { value: null }, 'no-data'],
  ['NaN is no data', { value: Number.NaN }, 'no-data'],
  ['infinity is bad, however old', { value: Infinity, sourceAt: at(0) }, 'bad'],
  ['minus infinity is bad, even where less is better', { value: -Infinity }, 'bad'],
  ['a good value older than the limit is stale', { sourceAt: at(4.9) }, 'stale'],
  ['a value as old as the limit is still judged', { sourceAt: at(5) }, 'good'],
  ['too few events are low traffic, even when all were bad', { events: 9, value: 1 }, 'low-traffic'],
  ["a dead series is stale, though its upstream's clock is ahead of ours", { sourceAt: at(300), answeredAt: at(306) }, 'stale'],
  ["a fresh series is judged, though its upstream's clock is behind ours", { sourceAt: at(-60), answeredAt: at(-59) }, 'good'],
  ['unknown age and unknown event counts do not stand in the way', { sourceAt: null, events: null }, 'good'],
])('%s', (_title, change, expected) => {
  expect(classify(probeLike(), { ...reading, ...change }, { at: at(10), latencyMs: 3 }).class).toBe(expected);
});

test('a sample survives JSON, whatever was read', () => {
  for (const value of [Number.NaN, Infinity, -Infinity, 0.01]) {
    const sample = classify(probeLike(), { ...reading, value }, { at: at(10), latencyMs: 3 });
    expect(JSON.parse(JSON.stringify(sample))).toEqual(sample);
  }
});
