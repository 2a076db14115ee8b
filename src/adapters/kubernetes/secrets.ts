import { AppError } from '../../domain/errors.ts';
import type { KubeApi } from '../../ports/kubernetes.ts';

const reference = /^secret:([a-z0-9.-]+)\/([a-z0-9.-]+)#([\w.-]+)$/;

/** Resolves `secret:NAMESPACE/NAME#KEY` by the API, and anything else by `otherwise`. Errors: `spec/invalid`, those of `KubeApi`. */
export function createClusterSecrets(
  api: KubeApi,
  otherwise: (ref: string) => Promise<string>,
): (ref: string) => Promise<string> {
  return async (ref) => {
    if (!ref.startsWith('secret:')) return otherwise(ref);
    const [, namespace, name, key] = reference.exec(ref) ?? [];
    if (namespace === undefined || name === undefined || key === undefined) {
      throw new AppError('spec/invalid', `The secret reference ${ref} is none. Write secret:NAMESPACE/NAME#KEY`);
    }
    const found = await api.get({ group: '', version: 'v1', resource: 'secrets', namespace }, name);
    const value = found?.data?.[key];
    if (value !== undefined) return Buffer.from(value, 'base64').toString('utf8');
    throw new AppError(
      'spec/invalid',
      `There is no Secret ${name} with a key ${key} in namespace ${namespace}. Make it, then run again`,
    );
  };
}
