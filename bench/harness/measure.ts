import { sayFailure } from './say-failure.ts';
import type { Figure } from './figure.ts';
import { judge } from './judge.ts';
import type { Judgement } from './judge.ts';
import { readLoad } from './machine.ts';
import type { Load } from './machine.ts';
import { describeSamples } from './statistics.ts';
import type { Statistics } from './statistics.ts';

export interface RowResult {
  readonly name: string;
  readonly summary: string;
  readonly unit: string;
  readonly goal: Figure['rows'][string]['goal'];
  readonly statistics: Statistics | null;
  readonly judgement: Judgement;
  /** In the order of the trials. */
  readonly samples: readonly number[];
}

export interface FigureResult {
  readonly name: string;
  readonly summary: string;
  readonly before: Load;
  readonly after: Load;
  /** What went wrong, one line per trial that could not be made, or for all of them. */
  readonly failures: readonly string[];
  readonly rows: readonly RowResult[];
}

export interface MeasureOptions {
  /** Instead of the figure's own number. */
  readonly trials?: number;
  /** Ends the trials early; what was measured until then is given. */
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** Makes a figure's trials one after the other. A trial that fails is told and counted, and the next one is made. */
export async function measure(figure: Figure, options: MeasureOptions): Promise<FigureResult> {
  const total = options.trials ?? figure.trials;
  const samples = new Map<string, number[]>(Object.keys(figure.rows).map((name) => [name, []]));
  const failures: string[] = [];
  const before = readLoad();
  const fail = (what: string, error: unknown): void => {
    const said = sayFailure(error);
    failures.push(`${what}: ${said}`);
    options.say(`${figure.name}: ${what} failed: ${said}`);
  };
  options.say(`${figure.name}: ${figure.summary}`);
  try {
    await using trials = await figure.open({ trials: total, say: (line) => options.say(`${figure.name}: ${line}`) });
    for (let ordinal = 1; ordinal <= total && !options.signal.aborted; ordinal += 1) {
      try {
        const numbers = await trials.run(ordinal);
        for (const [name, number] of Object.entries(numbers)) if (number !== undefined) samples.get(name)?.push(number);
      } catch (error) {
        fail(`trial ${ordinal}`, error);
      }
      if (ordinal === total || ordinal % Math.ceil(total / 10) === 0) options.say(`${figure.name}: ${ordinal} of ${total}`);
    }
  } catch (error) {
    fail('start or end', error);
  }
  if (options.signal.aborted) failures.push('ended early by a signal');
  const rows = Object.entries(figure.rows).map(([name, { summary, unit, goal }]): RowResult => {
    const numbers = samples.get(name) ?? [];
    const statistics = describeSamples(numbers);
    return { name, summary, unit, goal, statistics, judgement: judge(goal, statistics, failures.length), samples: numbers };
  });
  return { name: figure.name, summary: figure.summary, before, after: readLoad(), failures, rows };
}
