import { AppError, type ErrorCode } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { HelperProcess } from '../../faults/fault.ts';
import type { HelperWay } from './helper-way.ts';

type Answer = JsonObject & { readonly id: number; readonly error?: { readonly code: ErrorCode; readonly message: string } };

interface Asked {
  readonly resolve: (answer: JsonObject) => void;
  readonly reject: (error: Error) => void;
}

/** An agent's side of what is said with a helper: its `config` first, then questions, one answer each. Errors: `part/died`. */
export async function converse(name: string, way: HelperWay, config: JsonObject): Promise<HelperProcess> {
  const waiting = new Map<number, Asked>();
  let death: AppError | null = null;
  void way.ended.then((lastWords) => {
    death = new AppError('part/died', `helper ${name} ended: ${lastWords || 'no message'}. See the agent's log`);
    for (const one of waiting.values()) one.reject(death);
    waiting.clear();
  });
  way.onMessage((message) => {
    const { id, error, ...answer } = message as Answer;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(answer);
    else asked?.reject(new AppError(error.code, `helper ${name}: ${error.message}`));
  });

  let lastId = 0;
  const ask = (message: JsonObject, timeoutMs = 5000): Promise<JsonObject> => {
    if (death !== null) return Promise.reject(death);
    const id = (lastId += 1);
    return new Promise<JsonObject>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new AppError('upstream/unreachable', `helper ${name} did not answer in ${timeoutMs} ms. See the agent's log`));
      }, timeoutMs);
      waiting.set(id, {
        resolve: (answer) => (clearTimeout(timer), resolve(answer)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      });
      way.send({ ...message, id });
    });
  };

  try {
    await ask({ config }, 15_000);
  } catch (error) {
    await way.end();
    throw error;
  }
  return { ask, stop: () => way.end() };
}
