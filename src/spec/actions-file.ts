import { z } from 'zod';
import type { ActionDecision } from '../domain/game-day/actions.ts';
import { AppError } from '../domain/errors.ts';
import { check } from './check.ts';
import { readDocument } from './document.ts';
import { formatProblem } from './problem.ts';
import type { Problem } from './problem.ts';

/** `actions.yaml` of a game day: as it was drafted, and as people complete it. */
export const actionsFile = z.strictObject({
  actions: z
    .array(
      z.strictObject({
        id: z.string().min(1).describe('the id of a drafted action, such as A1'),
        scenario: z.string().exactOptional().describe('for the reader: the scenario that it comes from'),
        finding: z.string().exactOptional().describe('for the reader: the finding that it answers'),
        text: z.string().min(1).exactOptional().describe('what will be done'),
        owner: z.string().nullable().default(null).describe('who does it'),
        due: z.iso.date().nullable().default(null).describe('a date, such as 2026-12-05'),
      }),
    )
    .superRefine((actions, context) => {
      actions.forEach(({ id }, index) => {
        if (actions.findIndex((other) => other.id === id) === index) return;
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is there twice. Decide it once` });
      });
    })
    .describe('a list of actions'),
});

/** What people wrote into a day's `actions.yaml`. Errors: `spec/invalid` with every problem and its place. */
export function parseActions(file: string, text: string): readonly ActionDecision[] {
  const read = readDocument(file, text);
  if (!read.ok) throw refused(read.problems);
  const checked = check(actionsFile, read.document.value);
  if (checked.ok) return checked.value.actions;
  throw refused(checked.issues.map((issue) => read.document.problemOf(issue)));
}

function refused(problems: readonly Problem[]): AppError {
  return new AppError('spec/invalid', problems.map(formatProblem).join('\n'), { details: { problems } });
}
