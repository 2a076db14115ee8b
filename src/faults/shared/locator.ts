import type { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';

/** Reads what a fault needs from a target's locator. Errors: `spec/invalid`, with every missing field. */
export function locate<T>(schema: z.ZodType<T>, target: TargetRef): T {
  const read = schema.safeParse(target.locator);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${issue.path.join('.') || 'locator'}: ${issue.message}`).join('; ');
  throw new AppError(
    'spec/invalid',
    `${target.kind} ${target.service}/${target.name} cannot be reached: ${problems}. Correct it in the environment file`,
  );
}
