import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../../domain/errors.ts';

/** Resolves `env:NAME` in the given environment and `file:/path` without its last line end. Errors: `spec/invalid`. */
export function createSecrets(environment: Readonly<Record<string, string | undefined>>): (ref: string) => Promise<string> {
  return async (ref) => {
    const [, scheme, name] = /^(env|file):(.+)$/.exec(ref) ?? [];
    if (name === undefined) throw new AppError('spec/invalid', 'A secret reference is env:NAME or file:/path');
    if (scheme === 'env') {
      const value = environment[name];
      if (value !== undefined) return value;
      throw new AppError(
        'spec/invalid',
        `There is no variable ${name} in this process's environment, which the reference ${ref} names`,
      );
    }
    try {
      return (await readFile(name, 'utf8')).replace(/\r?\n$/, '');
    } catch (cause) {
      throw new AppError('spec/invalid', `The secret ${ref} could not be read: ${messageOf(cause)}`, { cause });
    }
  };
}
