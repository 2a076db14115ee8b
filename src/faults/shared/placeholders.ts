import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';

/** Puts `{target.pid}`, `{target.name}` and `{target.url}` into a text. Errors: `spec/invalid` when the target has no such thing. */
export function fillPlaceholders(text: string, target: TargetRef): string {
  const values: Record<string, unknown> = { name: target.name, pid: target.locator['pid'], url: target.locator['url'] };
  return text.replaceAll(/\{target\.([a-z]+)\}/g, (placeholder, field: string) => {
    const value = values[field];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw new AppError(
      'spec/invalid',
      `${placeholder} is not known for ${target.kind} ${target.service}/${target.name}. Use {target.name}, {target.pid} or {target.url}`,
    );
  });
}
