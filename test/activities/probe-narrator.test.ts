import { expect, test } from '@jest/globals';
import { createProbeNarrator } from '../../src/activities/probe-narrator.ts';
import { initialProbeState, nextProbeState } from '../../src/domain/measure/probe-state.ts';
import type { SampleClass } from '../../src/domain/measure/sample.ts';
import type { TimelineEvent } from '../../src/domain/run-record.ts';
import { at, probeLike, sampleLike } from '../domain/measure/samples.ts';

const classOf: Readonly<Record<string, SampleClass>> = { g: 'good', b: 'bad', e: 'error' };

/** One letter a second: good, bad, error. */
function told(letters: string, earlier: readonly TimelineEvent[] = [], probe = probeLike()): TimelineEvent[] {
  const events: TimelineEvent[] = [];
  const tell = createProbeNarrator({ event: (event) => events.push({ at: at(0), ...event }) }, earlier);
  let state = initialProbeState(probe, at(0));
  [...letters].forEach((letter, second) => {
    const sample = sampleLike(second, classOf[letter]!);
    state = nextProbeState(probe, state, sample);
    tell(probe, sample, state);
  });
  return events;
}
const lines = (events: readonly TimelineEvent[]) => events.map(({ at, kind }) => `${Number(at.slice(17, 19))} ${kind}`);

test('a probe that is good has nothing to tell', () => {
  expect(told('gggg')).toEqual([]);
});

test('one bad sample makes a probe suspect at once, two make it bad, and two good ones good again', () => {
  expect(lines(told('ggbbbggg'))).toEqual(['2 probe.suspect', '3 probe.bad', '6 probe.good']);
});

test('a line says the value and the rule', () => {
  expect(told('b')[0]).toMatchObject({ source: 'probe', text: 'errors is suspect: 20 %, must be < 5 %' });
});

test('a probe that cannot be measured is told at once, once more when it lasts, and when it is measured again', () => {
  expect(lines(told('ggeeeeegg'))).toEqual(['2 probe.blind', '5 probe.hold', '8 probe.sees']);
});

test('a step goes on where the one before stopped', () => {
  const bad = told('bb');
  expect(told('bb', bad)).toEqual([]);
  expect(lines(told('bgg', bad))).toEqual(['2 probe.good']);
  expect(lines(told('gg', bad))).toEqual(['1 probe.good']);
});

test('after a breach only its end is news', () => {
  const breach: TimelineEvent = { at: at(0), source: 'probe', kind: 'probe.breach', text: '', data: { probe: 'errors' } };
  expect(lines(told('bbbgg', [breach]))).toEqual(['4 probe.good']);
});

test('a probe that waits for an event has no turns', () => {
  expect(told('bbbb', [], probeLike({ roles: [] }))).toEqual([]);
});
