import type { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { CorruptRecord } from '../../ports/injections.ts';
import { recordName } from './schemas.ts';

/** The record, or why it is none. `where`: how a person finds it. */
export function parseRecord<T extends object>(
  schema: z.ZodType<T>,
  value: unknown,
  { id, where }: { id: string; where: string },
): T | CorruptRecord {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { corrupt: true, id, problem: `${where}: ${problems.join('; ')}` };
}

/** Errors: `spec/invalid` for an id that cannot name a record. */
export function checkRecordName(id: string, allowed: RegExp, rule: string): void {
  if (recordName.safeParse(id).success && allowed.test(id)) return;
  throw new AppError('spec/invalid', `"${id}" cannot name a record. Use ${rule}`);
}
