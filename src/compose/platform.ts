import { hostPlatform } from '../adapters/host/platform.ts';
import { kubernetesPlatform } from '../adapters/kubernetes/platform.ts';
import { AppError } from '../domain/errors.ts';
import type { KubeApi } from '../ports/kubernetes.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';

/** What runs where the environment says it does. `cluster`: null on a host. */
export function platformOf(environment: Environment, cluster: KubeApi | null): Platform {
  if (environment.platform === 'host') return hostPlatform(environment.services);
  if (cluster !== null) return kubernetesPlatform(environment.services, cluster);
  throw new AppError('internal/bug', `the cluster of ${environment.name} was not opened. This is a bug`);
}
