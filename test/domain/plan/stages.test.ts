import { describe, expect, test } from '@jest/globals';
import { array, assert, double, integer, property } from 'fast-check';
import { amountText, countOf } from '../../../src/domain/plan/choose.ts';
import { exposureSecondsOf } from '../../../src/domain/plan/exposure.ts';
import { deadlineOf } from '../../../src/domain/plan/injections.ts';
import type { Plan } from '../../../src/domain/plan/plan.ts';
import { stagesOf } from '../../../src/domain/plan/stages.ts';
import { planOf } from '../../report/fixtures/plan.ts';

describe('a share', () => {
  test('is never more members than it says, but for the one that it is at least', () => {
    assert(
      property(double({ min: 0.001, max: 1, noNaN: true }), integer({ min: 1, max: 500 }), (ratio, of) => {
        const count = countOf({ ratio }, of);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(of);
        expect(count === 1 || count <= ratio * of + 1e-6).toBe(true);
        expect(ratio * of - count).toBeLessThan(1);
      }),
    );
  });

  test.each([
    [0.3, 5, '30 % = 1.5, rounded down to 1'],
    [0.05, 6, '5 % = 0.3, raised to 1'],
    [0.5, 6, '50 %'],
    [0.29, 100, '29 %'],
  ])('%d of %d says how it was rounded', (ratio, of, text) => {
    expect(amountText({ ratio }, of)).toBe(text);
  });
});

describe('stages', () => {
  test('say how many there are in all, and add the rest', () => {
    expect(stagesOf([{ count: 1 }, { count: 2 }, { count: 3 }], 6)).toEqual({ adds: [1, 1, 1], text: '1, then 2, then 3' });
    expect(stagesOf([{ ratio: 0.2 }, { ratio: 0.5 }], 6)).toEqual({
      adds: [1, 2],
      text: '20 % = 1.2, rounded down to 1, then 50 %',
    });
  });

  test('are refused where rounding leaves one with nothing to add', () => {
    expect(stagesOf([{ ratio: 0.2 }, { ratio: 0.3 }], 5)).toEqual({
      problem:
        'stage 2 (30 % = 1.5, rounded down to 1) is 1 of 5, no more than the stage before it (20 %). Each stage must add a target: write counts, or fewer stages',
    });
  });

  test('add up to the last one, and each adds', () => {
    assert(
      property(array(integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (counts) => {
        const stages = stagesOf(
          counts.map((count) => ({ count })),
          10,
        );
        const rising = counts.every((count, index) => index === 0 || count > counts[index - 1]!);
        if (!rising) return expect(stages).toHaveProperty('problem');
        const adds = 'adds' in stages ? stages.adds : [];
        expect(adds.reduce((sum, add) => sum + add, 0)).toBe(counts.at(-1));
        expect(Math.min(...adds)).toBeGreaterThan(0);
      }),
    );
  });

  test('move the deadline: the first one’s fault stays for all of them', () => {
    const [step] = planOf().steps;
    const staged: Plan = {
      ...planOf(),
      holdSeconds: 40,
      stageSeconds: 60,
      steps: [1, 2, 3].map((stage) => ({ ...step!, stage })),
    };
    // Two pauses between three stages, and time to arm for each.
    expect(Date.parse(deadlineOf(staged, 0))).toBe((40 + 2 * 60 + 3 * 30) * 1000);
    // Two of them are taken back before the first.
    expect(Date.parse(deadlineOf({ ...staged, order: 'in-turn' }, 0))).toBe((40 + 2 * 60 + 3 * 30 + 2 * 30) * 1000);
  });

  test('wait for people: the slowest of each stage counts, on the way there and on the way back', () => {
    const [step] = planOf().steps;
    const byHand = (withinSeconds: number) => ({ byHand: { instruction: 'do', revertInstruction: 'undo', withinSeconds } });
    const plan: Plan = {
      ...planOf(),
      holdSeconds: 40,
      stageSeconds: 60,
      steps: [
        { ...step!, stage: 1, ...byHand(100) },
        { ...step!, stage: 1, ...byHand(200) },
        { ...step!, stage: 2, ...byHand(50) },
      ],
    };
    expect(exposureSecondsOf(plan)).toBe(40 + 60 + 200 + 50);
    expect(Date.parse(deadlineOf(plan, 0))).toBe((40 + 60 + 200 + 50 + 2 * 30) * 1000);
    expect(Date.parse(deadlineOf({ ...plan, order: 'in-turn' }, 0))).toBe((40 + 60 + 200 + 50 + 2 * 30 + 50) * 1000);
  });
});
