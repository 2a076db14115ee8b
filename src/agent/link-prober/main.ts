import { request } from 'node:http';
import { createConnection } from 'node:net';
import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';

const config = z.strictObject({ group: z.int().positive() });
const question = z.strictObject({
  host: z.string(),
  port: z.int().positive(),
  /** null: only opens a connection. */
  path: z.string().nullable(),
  timeoutMs: z.number().positive(),
});

/** Measures a far end as a process of that group: the kernel's rules treat its connections as the caller's. */
serveHelper(async (given) => {
  process.setegid?.(config.parse(given).group);
  return async (asked) => ({ elapsedMs: await measure(question.parse(asked)) });
});

/** Milliseconds to the whole answer, or to the open connection; null when it did not come in time. */
function measure({ host, port, path, timeoutMs }: z.infer<typeof question>): Promise<number | null> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const finish = (came: boolean): void => {
      clearTimeout(timer);
      resolve(came ? performance.now() - startedAt : null);
      attempt.destroy();
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    const attempt =
      path === null
        ? createConnection({ host, port }, () => finish(true))
        : request({ host, port, path, agent: false }, (response) => {
            response.resume();
            response.once('end', () => finish(true));
            response.once('error', () => finish(false));
          }).end();
    attempt.on('error', () => finish(false));
  });
}
