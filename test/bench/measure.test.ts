import { describe, expect, test } from '@jest/globals';
import type { Figure } from '../../bench/harness/figure.ts';
import { measure } from '../../bench/harness/measure.ts';

function figureOf(run: (ordinal: number) => Promise<Readonly<Record<string, number>>>, onClose = (): void => {}): Figure {
  return {
    name: 'some-figure',
    summary: 'for a test',
    platform: 'host',
    trials: 3,
    rows: { time: { summary: 'how long', unit: 'ms', goal: { max: 10 } }, size: { summary: 'how much', unit: 'MB' } },
    open: async () => ({ run, [Symbol.asyncDispose]: async () => onClose() }),
  };
}

const options = { signal: new AbortController().signal, say: () => {} };

describe('measuring a figure', () => {
  test('makes its trials and judges each row by its own goal', async () => {
    const { rows, failures } = await measure(
      figureOf(async (ordinal) => ({ time: ordinal, size: 70 })),
      options,
    );
    expect(failures).toEqual([]);
    expect(rows).toMatchObject([
      { name: 'time', samples: [1, 2, 3], judgement: 'reached' },
      { name: 'size', samples: [70, 70, 70], judgement: 'no goal' },
    ]);
  });

  test('goes on after a trial that failed, tells why, and does not call the goal reached', async () => {
    const { rows, failures } = await measure(
      figureOf(async (ordinal) => {
        if (ordinal === 2) throw new Error('the relay is gone');
        return { time: ordinal };
      }),
      options,
    );
    expect(failures).toEqual(['trial 2: the relay is gone']);
    expect(rows).toMatchObject([
      { samples: [1, 3], judgement: 'not reached' },
      { samples: [], judgement: 'not measured' },
    ]);
  });

  test('measures nothing, and says so, when it cannot be opened', async () => {
    const figure: Figure = { ...figureOf(async () => ({})), open: () => Promise.reject(new Error('no PostgreSQL')) };
    const { rows, failures } = await measure(figure, options);
    expect(failures).toEqual(['start or end: no PostgreSQL']);
    expect(rows.map(({ judgement }) => judgement)).toEqual(['not measured', 'not measured']);
  });

  test('makes as many trials as it is told to, and closes what it opened', async () => {
    let closed = 0;
    const figure = figureOf(
      async () => ({ time: 1 }),
      () => (closed += 1),
    );
    const { rows } = await measure(figure, { ...options, trials: 5 });
    expect(rows[0]?.samples).toHaveLength(5);
    expect(closed).toBe(1);
  });

  test('ends after the trial in which it is told to, and counts that as a failure', async () => {
    const ending = new AbortController();
    const figure = figureOf(async () => {
      ending.abort();
      return { time: 1 };
    });
    const { rows, failures } = await measure(figure, { ...options, signal: ending.signal });
    expect(rows[0]).toMatchObject({ samples: [1], judgement: 'not reached' });
    expect(failures).toEqual(['ended early by a signal']);
  });
});
