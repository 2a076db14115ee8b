import { describe, expect, test } from '@jest/globals';
import { assert, constantFrom, array, integer, property, record } from 'fast-check';
import { draw, strategies } from '../../../src/domain/plan/strategies.ts';
import type { Drawn } from '../../../src/domain/plan/strategies.ts';
import type { Candidate } from '../../../src/domain/plan/survey.ts';
import { candidate } from './pods.ts';

const places = array(record({ node: constantFrom('w1', 'w2', 'w3', 'w4'), age: integer({ min: 0, max: 9 }) }), {
  minLength: 1,
  maxLength: 12,
});
const zones: Readonly<Record<string, string>> = { w1: 'a', w2: 'a', w3: 'b', w4: 'c' };

function candidates(of: readonly { readonly node: string; readonly age: number }[]): Candidate[] {
  return of.map(({ node, age }, index) =>
    candidate(`p${index}`, { node, zone: zones[node]!, createdAt: `2026-01-0${age}T00:00:00Z` }),
  );
}

function namesOf(drawn: Drawn): string[] {
  return 'problem' in drawn ? [] : drawn.drawn.map(({ target }) => target.name);
}

function spread(drawn: Drawn, key: 'node' | 'zone'): number {
  return 'problem' in drawn ? 0 : new Set(drawn.drawn.map(({ target }) => target.locator[key])).size;
}

describe('every strategy', () => {
  test('takes exactly as many as were asked for, none twice, the same for the same seed, or says why not', () => {
    assert(
      property(places, integer({ min: 1, max: 14 }), integer(), constantFrom(...strategies), (of, count, seed, strategy) => {
        const all = candidates(of);
        const drawn = draw(strategy, all, count, seed);
        expect(draw(strategy, all, count, seed)).toEqual(drawn);
        if ('problem' in drawn) return expect(drawn.problem).toMatch(/^\d+ (is|are) /);
        expect(drawn.drawn).toHaveLength(count);
        expect(new Set(namesOf(drawn)).size).toBe(count);
      }),
    );
  });
});

describe('one-per-node', () => {
  test('takes no two of one node, and as many as there are nodes', () => {
    assert(
      property(places, integer(), (of, seed) => {
        const nodes = new Set(of.map(({ node }) => node)).size;
        const drawn = draw('one-per-node', candidates(of), nodes, seed);
        expect(spread(drawn, 'node')).toBe(nodes);
        expect(draw('one-per-node', candidates(of), nodes + 1, seed)).toHaveProperty('problem');
      }),
    );
  });

  test('takes every node first for some seed, however many pods it has', () => {
    const all = candidates([...Array.from({ length: 9 }, () => ({ node: 'w1', age: 1 })), { node: 'w3', age: 1 }]);
    const taken = Array.from({ length: 40 }, (_, seed) => namesOf(draw('one-per-node', all, 1, seed))[0]);
    expect(taken.filter((name) => name === 'p9').length).toBeGreaterThan(8);
  });
});

describe('one-zone', () => {
  test('takes all from one zone, wherever one has enough', () => {
    assert(
      property(places, integer(), (of, seed) => {
        const largest = Math.max(...[...Map.groupBy(of, ({ node }) => zones[node])].map(([, there]) => there.length));
        expect(spread(draw('one-zone', candidates(of), largest, seed), 'zone')).toBe(1);
        expect(draw('one-zone', candidates(of), largest + 1, seed)).toEqual({
          problem: `${largest} ${largest === 1 ? 'is' : 'are'} in one zone`,
        });
      }),
    );
  });
});

test('oldest takes by age, and by name where ages are equal', () => {
  const all = candidates([3, 1, 2, 1].map((age) => ({ node: 'w1', age })));
  expect(namesOf(draw('oldest', all, 3, 7))).toEqual(['p1', 'p3', 'p2']);
});

test('random takes each for some seed', () => {
  const all = candidates(Array.from({ length: 6 }, () => ({ node: 'w1', age: 1 })));
  expect(new Set(Array.from({ length: 60 }, (_, seed) => namesOf(draw('random', all, 1, seed))[0])).size).toBe(6);
});
