import { ApplicationFailure } from '@temporalio/common';
import { errorCodes, isAppError } from '../domain/errors.ts';

/** Our errors cross into workflows by their code; whether a retry can help follows from the code alone. */
export function asFailure<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      if (!isAppError(error)) throw error;
      throw ApplicationFailure.create({
        message: error.message,
        type: error.code,
        nonRetryable: !errorCodes[error.code].retry,
        cause: error,
      });
    }
  };
}
