import { describe, expect, test } from '@jest/globals';
import { formatProblem } from '../../src/spec/problem.ts';
import { parseSpec } from '../../src/spec/parse-spec.ts';

const day = `apiVersion: firedrill.dev/v1
kind: GameDay
metadata: { name: rehearsal }
spec:
  purpose: see whether the team sees it
  roles: [{ role: facilitator, people: [ada] }]
  scenarios:
    - { name: first, experiment: slow, objective: See it, timebox: 10m }
    - { name: hand-over, manual: [Hand over], objective: Lose nothing, timebox: 5m }
  retrospective: { questions: [What surprised us?], actionsDueWithin: 14d }
`;

const problemsOf = (from: string, to: string): readonly string[] => {
  expect(day).toContain(from);
  return parseSpec('day.yaml', day.replace(from, to)).problems.map(formatProblem);
};

test('a game day has durations in seconds, and a pause where none is written', () => {
  const { spec, problems } = parseSpec('day.yaml', day);
  expect(problems).toEqual([]);
  expect(spec).toMatchObject({
    purpose: 'see whether the team sees it',
    pauseSeconds: 300,
    scenarios: [{ timeboxSeconds: 600 }, { timeboxSeconds: 300 }],
    retrospective: { actionsDueWithinSeconds: 14 * 86_400 },
  });
});

describe('a game day is refused, with the place', () => {
  test.each([
    [
      'without a purpose',
      '  purpose: see whether the team sees it\n',
      '',
      'day.yaml:5:3: spec.purpose: is missing. Add a text (why the day is held: what the team wants to know afterwards)',
    ],
    [
      'with one scenario',
      '    - { name: hand-over, manual: [Hand over], objective: Lose nothing, timebox: 5m }\n',
      '',
      'day.yaml:8:5: spec.scenarios: must have at least 2. Write a list (at least two scenarios; one alone is a run of its experiment)',
    ],
    [
      'with a scenario that is both run and done by hand',
      'experiment: slow,',
      'experiment: slow, manual: [Look],',
      'day.yaml:8:7: spec.scenarios[0]: a scenario has exactly one of experiment and manual',
    ],
    [
      'with nobody who could stop it',
      'role: facilitator',
      'role: observer',
      'day.yaml:6:10: spec.roles: no facilitator. Add one: somebody must be able to stop the day',
    ],
  ])('%s', (_, from, to, problem) => {
    expect(problemsOf(from, to)).toEqual([problem]);
  });
});
