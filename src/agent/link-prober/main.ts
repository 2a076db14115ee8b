import { request } from 'node:http';
import { createConnection } from 'node:net';
import { lookUp, resolve } from './resolve.ts';
import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';

const config = z.strictObject({ group: z.int().positive() });
const question = z.strictObject({
  host: z.string(),
  port: z.int().positive(),
  /** null: only opens a connection. */
  path: z.string().nullable(),
  timeoutMs: z.number().positive(),
  /** The quickest of so many: noise only ever adds. */
  count: z.int().positive(),
  /** All at once; how many came in time is the answer. */
  sideBySide: z.boolean().default(false),
});
type Question = z.infer<typeof question>;

/** Measures a far end as a process of that group: the kernel's rules treat its connections as the caller's. */
serveHelper(async (given) => {
  process.setegid?.(config.parse(given).group);
  return async (asked) => {
    if (asked['resolve'] !== undefined) return resolve(lookUp.parse(asked['resolve']));
    const given = question.parse(asked);
    return given.sideBySide ? { opened: await manyAtOnce(given) } : { elapsedMs: await quickest(given) };
  };
});

async function manyAtOnce(asked: Question): Promise<number> {
  const times = await Promise.all(Array.from({ length: asked.count }, () => measure(asked)));
  return times.filter((elapsedMs) => elapsedMs !== null).length;
}

async function quickest(asked: Question): Promise<number | null> {
  const times: number[] = [];
  for (let at = 0; at < asked.count; at += 1) {
    const elapsedMs = await measure(asked);
    if (elapsedMs !== null) times.push(elapsedMs);
  }
  return times.length === 0 ? null : Math.min(...times);
}

/** Milliseconds to the whole answer, or to the open connection; null when it did not come in time. */
function measure({ host, port, path, timeoutMs }: Question): Promise<number | null> {
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
