import { isAppError } from '../domain/errors.ts';

/**
 * What an upstream answers, or `otherwise` when it refuses the question: not everything that answers queries like a Prometheus
 * knows its rules, its metadata or its Alertmanagers. Any other failure is thrown on.
 */
export async function unlessRefused<T>(asked: Promise<T>, otherwise: (why: string) => T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (isAppError(error) && error.code === 'upstream/refused') return otherwise(error.message);
    throw error;
  }
}
