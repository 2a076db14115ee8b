import { hostPlatform } from '../adapters/host/platform.ts';
import { AppError } from '../domain/errors.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';

/** What runs where the environment says it does. */
export function platformOf(environment: Environment): Platform {
  if (environment.platform === 'host') return hostPlatform(environment.services);
  throw new AppError('internal/bug', 'clusters are not there yet');
}
