import type { ClientRequest } from 'node:http';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { serveHelper } from '../helper-loop.ts';
import { resolve as resolveNames } from './resolve.ts';
import type { LookUp } from './resolve.ts';

// Asked for by `import`, it brings all that its WebSocket needs: 40 ms, and a fault waits for the first request.
const { request } = process.getBuiltinModule('node:http');

interface Question {
  readonly host: string;
  readonly port: number;
  /** null: only opens a connection. */
  readonly path: string | null;
  readonly timeoutMs: number;
  /** The quickest of so many: noise only ever adds. */
  readonly count: number;
  /** All at once; how many came in time is the answer. */
  readonly sideBySide?: boolean;
}

/** Measures a far end as a process of that group: the kernel's rules treat its connections as the caller's. */
serveHelper<{ readonly group: number }, Question | { readonly resolve: LookUp }>(async ({ group }) => {
  process.setegid?.(group);
  return async (asked) => {
    if ('resolve' in asked) return resolveNames(asked.resolve);
    const ask = asked.path === null ? connect : get;
    return asked.sideBySide === true ? { opened: await manyAtOnce(asked, ask) } : { elapsedMs: await quickest(asked, ask) };
  };
});

/** Begins one measurement; calls `finish` when the answer is there, or failed on the way. */
type Attempt = (asked: Question, finish: (came: boolean) => void) => Socket | ClientRequest;

const connect: Attempt = ({ host, port }, finish) => createConnection({ host, port }, () => finish(true));

const get: Attempt = ({ host, port, path }, finish) =>
  request({ host, port, path, agent: false }, (response) => {
    response.resume();
    response.once('end', () => finish(true));
    response.once('error', () => finish(false));
  }).end();

async function manyAtOnce(asked: Question, attempt: Attempt): Promise<number> {
  const times = await Promise.all(Array.from({ length: asked.count }, () => measure(asked, attempt)));
  return times.filter((elapsedMs) => elapsedMs !== null).length;
}

async function quickest(asked: Question, attempt: Attempt): Promise<number | null> {
  const times: number[] = [];
  for (let at = 0; at < asked.count; at += 1) {
    const elapsedMs = await measure(asked, attempt);
    if (elapsedMs !== null) times.push(elapsedMs);
  }
  return times.length === 0 ? null : Math.min(...times);
}

/** Milliseconds to the whole answer, or to the open connection; null when it did not come in time. */
function measure(asked: Question, attempt: Attempt): Promise<number | null> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const finish = (came: boolean): void => {
      clearTimeout(timer);
      resolve(came ? performance.now() - startedAt : null);
      made.destroy();
    };
    const timer = setTimeout(() => finish(false), asked.timeoutMs);
    const made = attempt(asked, finish);
    made.on('error', () => finish(false));
  });
}
