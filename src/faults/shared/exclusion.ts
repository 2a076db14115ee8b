import { AppError } from '../../domain/errors.ts';
import { excludeAnnotation } from '../../domain/plan/exclusion.ts';

/** For what an agent finds excluded itself, whatever the plan saw. `what`: with its kind. */
export function excluded(what: string): AppError {
  return new AppError('policy/denied', `${what} says ${excludeAnnotation}. Choose another, or ask who set it`);
}
