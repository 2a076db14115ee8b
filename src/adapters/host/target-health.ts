import { stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { messageOf } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { sendRequest } from './requests.ts';

const withinMs = 2_000;

/**
 * null when it takes requests: any answer over HTTP, a connection to a link (each address of one that is redirected), a directory for a volume. A database needs a
 * secret to be asked, which only its agent holds: the agent asks before it arms.
 */
export async function problemWith({ kind, service, name, locator }: TargetRef): Promise<string | null> {
  const problem = await problemOf(kind, locator);
  return problem === null ? null : `${kind} ${service}/${name} does not take requests: ${problem}`;
}

async function problemOf(
  kind: TargetRef['kind'],
  { url, listen, addresses, path }: TargetRef['locator'],
): Promise<string | null> {
  try {
    if (kind === 'process' && typeof url === 'string') await sendRequest({ method: 'GET', url }, { timeoutMs: withinMs });
    if (kind === 'link' && typeof listen === 'string') await connect(listen);
    if (kind === 'link' && Array.isArray(addresses)) await Promise.all(addresses.map(String).map(connect));
    if (kind === 'volume' && typeof path === 'string' && !(await stat(path)).isDirectory()) return `${path} is no directory`;
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function connect(address: string): Promise<void> {
  const at = address.lastIndexOf(':');
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => finish(() => reject(new Error(`${address} took no connection in ${withinMs} ms`))), withinMs);
    socket.once('connect', () => finish(resolve));
    socket.once('error', (error) => finish(() => reject(error)));
  });
}
