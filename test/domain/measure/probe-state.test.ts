import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialProbeState, nextProbeState } from '../../../src/domain/measure/probe-state.ts';
import type { ProbeState } from '../../../src/domain/measure/probe-state.ts';
import { isDecided } from '../../../src/domain/measure/sample.ts';
import type { SampleClass } from '../../../src/domain/measure/sample.ts';
import type { PlannedProbe } from '../../../src/domain/plan/plan.ts';
import { at, probeLike, sampleLike } from './samples.ts';

const classes: Record<string, SampleClass> = {
  g: 'good',
  b: 'bad',
  e: 'error',
  n: 'no-data',
  s: 'stale',
  l: 'low-traffic',
  c: 'config',
};

/** One letter per second. */
function walk(letters: string, probe: PlannedProbe = probeLike()): ProbeState[] {
  let state = initialProbeState(probe, at(0));
  return [...letters].map((letter, index) => (state = nextProbeState(probe, state, sampleLike(index, classes[letter]!))));
}

test.each<[string, string, string[]]>([
  ['is blind until it has seen two good samples', 'gg', ['BLIND', 'OK']],
  ['suspects after one bad sample and forgives after two good ones', 'ggbgg', ['BLIND', 'OK', 'SUSPECT', 'SUSPECT', 'OK']],
  ['breaches when two of three are bad', 'ggbgb', ['BLIND', 'OK', 'SUSPECT', 'SUSPECT', 'BREACH']],
  [
    'does not breach when the second bad one comes after the window',
    'ggbggb',
    ['BLIND', 'OK', 'SUSPECT', 'SUSPECT', 'OK', 'SUSPECT'],
  ],
  ['breaches from blindness without ever having been good', 'bb', ['SUSPECT', 'BREACH']],
  ['goes blind on an unknown sample and needs two good ones again', 'ggngg', ['BLIND', 'OK', 'BLIND', 'BLIND', 'OK']],
  [
    'does not let an unknown sample push a bad one out of the window',
    'ggbnnb',
    ['BLIND', 'OK', 'SUSPECT', 'BLIND', 'BLIND', 'BREACH'],
  ],
  [
    'holds, then breaches, when it stays blind',
    'ggnesslcn',
    ['BLIND', 'OK', 'BLIND', 'BLIND', 'BLIND', 'HOLD', 'HOLD', 'HOLD', 'BREACH'],
  ],
  [
    'starts its blind timer anew after a good sample',
    'ggnnngnnn',
    ['BLIND', 'OK', 'BLIND', 'BLIND', 'BLIND', 'BLIND', 'BLIND', 'BLIND', 'BLIND'],
  ],
  ['leaves hold with two good samples', 'ggnnnngg', ['BLIND', 'OK', 'BLIND', 'BLIND', 'BLIND', 'HOLD', 'HOLD', 'OK']],
  ['never leaves a breach', 'bbgggg', ['SUSPECT', 'BREACH', 'BREACH', 'BREACH', 'BREACH', 'BREACH']],
])('a probe %s', (_title, letters, expected) => {
  expect(walk(letters).map(({ state }) => state)).toEqual(expected);
});

test('a breach says why, and when it began', () => {
  expect(walk('ggbbg').at(-1)).toMatchObject({ state: 'BREACH', reason: 'bad', since: at(3) });
  expect(walk('nnnnnnnn').at(-1)).toMatchObject({ state: 'BREACH', reason: 'blind', since: at(6) });
});

test('one sample beyond the hard limit is a breach at once', () => {
  const probe = probeLike({ hardLimit: { comparator: '<', threshold: 0.5 } });
  const ok = nextProbeState(probe, initialProbeState(probe, at(0)), sampleLike(0, 'good'));
  expect(nextProbeState(probe, ok, sampleLike(1, 'bad', 0.4)).state).toBe('SUSPECT');
  expect(nextProbeState(probe, ok, sampleLike(1, 'bad', 0.5))).toMatchObject({ state: 'BREACH', reason: 'hard-limit' });
});

test('an infinite value, which JSON cannot hold, is beyond any hard limit', () => {
  const probe = probeLike({ hardLimit: { comparator: '<', threshold: 0.5 } });
  const infinite = { ...sampleLike(1, 'bad'), value: null };
  expect(nextProbeState(probe, initialProbeState(probe, at(0)), infinite).reason).toBe('hard-limit');
});

const stories = fc.array(fc.tuple(fc.constantFrom(...Object.values(classes)), fc.integer({ min: 0, max: 4000 })), {
  maxLength: 40,
});

test('an unknown sample never leads to OK, a breach absorbs, and every state survives JSON', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const probe = probeLike();
      let state = initialProbeState(probe, at(0));
      let seconds = 0;
      for (const [sampleClass, gapMs] of story) {
        seconds += gapMs / 1000;
        const sample = sampleLike(seconds, sampleClass);
        const next = nextProbeState(probe, state, sample);
        if (!isDecided(sample)) expect(next.state).not.toBe('OK');
        if (state.state === 'BREACH') expect(next).toMatchObject({ state: 'BREACH', reason: state.reason, since: state.since });
        expect(JSON.parse(JSON.stringify(next))).toEqual(next);
        state = next;
      }
    }),
  );
});
