import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AppError, type ErrorCode } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { helperProgram } from '../../helper-program.ts';

export interface Helper {
  readonly pid: number;
  ask(message: JsonObject, timeoutMs?: number): Promise<JsonObject>;
  stop(): Promise<void>;
  readonly exited: Promise<void>;
}

type Answer = JsonObject & { readonly id: number; readonly error?: { readonly code: ErrorCode; readonly message: string } };

/**
 * Starts `src/agent/<name>/main`. It ends when our pipe to it closes, so it cannot outlive us. `through`: a command that becomes the
 * helper's own process, such as `nsenter …`. Errors: `part/died`.
 */
export async function startHelper(
  name: string,
  argv: readonly string[],
  config: JsonObject,
  through: readonly string[] = [],
): Promise<Helper> {
  const [program = process.execPath, ...before] = [...through, process.execPath];
  const child = spawn(program, [...before, '--no-warnings', helperProgram(name), ...argv], {
    detached: true, // a Ctrl-C in the agent's terminal must reach the agent, which reverts, and not the helper
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString('utf8')).slice(-2000)));
  child.stdin.on('error', () => {}); // a helper that has died is reported by `exited`, not by its pipe
  const waiting = new Map<number, { resolve: (answer: JsonObject) => void; reject: (error: Error) => void }>();
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      const error = new AppError('part/died', `helper ${name} ended: ${lastWords.trim() || 'no message'}. See the agent's log`);
      for (const one of waiting.values()) one.reject(error);
      waiting.clear();
      resolve();
    };
    child.once('error', end);
    child.once('exit', end);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, error, ...answer } = JSON.parse(line) as Answer;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(answer);
    else asked?.reject(new AppError(error.code, `helper ${name}: ${error.message}`));
  });

  let lastId = 0;
  const ask = (message: JsonObject, timeoutMs = 5000): Promise<JsonObject> => {
    if (child.exitCode !== null || child.signalCode !== null) {
      return Promise.reject(new AppError('part/died', `helper ${name} has ended: ${lastWords.trim()}. See the agent's log`));
    }
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
      child.stdin.write(`${JSON.stringify({ ...message, id })}\n`);
    });
  };

  const stop = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
    await exited;
    clearTimeout(timer);
  };

  try {
    await ask({ config }, 15_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, ask, stop, exited };
}
