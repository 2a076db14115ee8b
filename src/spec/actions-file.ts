import { parse } from 'yaml';
import { z } from 'zod';
import type { ActionDecision } from '../domain/game-day/actions.ts';
import { AppError, messageOf } from '../domain/errors.ts';

const actionsFile = z.object({
  actions: z.array(
    z.object({
      id: z.string().min(1),
      owner: z.string().nullable().optional(),
      due: z.iso.date().nullable().optional(),
      text: z.string().min(1).optional(),
    }),
  ),
});

/** What people wrote into a day's `actions.yaml`. Errors: `spec/invalid`. */
export function parseActions(file: string, text: string): readonly ActionDecision[] {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new AppError('spec/invalid', `${file} is not YAML: ${messageOf(error)}`, { cause: error });
  }
  const parsed = actionsFile.safeParse(value);
  if (!parsed.success) throw new AppError('spec/invalid', `${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data.actions;
}
