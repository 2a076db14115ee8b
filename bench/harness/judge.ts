import type { Goal } from './figure.ts';
import type { Statistics } from './statistics.ts';

export type Judgement = 'reached' | 'not reached' | 'not measured' | 'no goal';

const bounds = ['median', 'p99', 'max'] as const;

/** A goal is reached only when no trial failed: a trial that could not be made proves nothing, and hides the worst. */
export function judge(goal: Goal | undefined, statistics: Statistics | null, failures: number): Judgement {
  if (statistics === null) return 'not measured';
  if (goal === undefined) return 'no goal';
  const seen = { median: statistics.median, p99: statistics.p99 ?? statistics.max, max: statistics.max };
  const within = bounds.every((bound) => seen[bound] <= (goal[bound] ?? Number.POSITIVE_INFINITY));
  return within && failures === 0 ? 'reached' : 'not reached';
}

/** As people read it: `median ≤ 0.75, max ≤ 1.5 s`. */
export function sayGoal(goal: Goal, unit: string): string {
  const said = bounds.flatMap((bound) => (goal[bound] === undefined ? [] : [`${bound} ≤ ${goal[bound]}`]));
  return `${said.join(', ')} ${unit}`;
}
