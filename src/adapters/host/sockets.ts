import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';

/** One JSON line to a unix socket, one back. Errors: `part/missing` (nobody listens), `upstream/unreachable` (no answer). */
export function askSocket(path: string, message: JsonObject, timeoutMs = 2000): Promise<JsonObject> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const lines = createInterface({ input: socket });
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      lines.close();
      socket.destroy();
      settle();
    };
    const fail = (problem: string, code: 'part/missing' | 'upstream/unreachable'): void =>
      finish(() => reject(new AppError(code, `control socket ${path}: ${problem}. Check that its process runs`)));
    const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`, 'upstream/unreachable'), timeoutMs);
    const failed = (error: NodeJS.ErrnoException): void =>
      fail(error.message, error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? 'part/missing' : 'upstream/unreachable');
    socket.once('error', failed);
    lines.once('error', failed);
    socket.once('end', () => fail('closed without an answer', 'upstream/unreachable'));
    socket.once('connect', () => socket.write(`${JSON.stringify(message)}\n`));
    lines.once('line', (line) => {
      finish(() => {
        try {
          resolve(JSON.parse(line) as JsonObject);
        } catch (error) {
          reject(
            new AppError(
              'upstream/unreachable',
              `control socket ${path}: answer is not JSON: ${messageOf(error)}. Check what listens there`,
            ),
          );
        }
      });
    });
  });
}
