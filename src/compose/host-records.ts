import { AppError } from '../domain/errors.ts';
import type { PlannedEnvironment } from '../domain/plan/plan.ts';

/** The state directory, for what is done on a host alone. Errors: `spec/invalid` for an environment that is a cluster. */
export function stateDirectoryOf(environment: PlannedEnvironment, what: string): string {
  if (environment.platform === 'host') return environment.stateDirectory;
  throw new AppError(
    'spec/invalid',
    `${what} is for hosts, and ${environment.name} is a cluster, whose agents are there by \`firedrill install\``,
  );
}
