import { createClient, type RedisClientOptions } from '@redis/client';
import { AppError, messageOf } from '../../domain/errors.ts';

/** What a helper asks of a server: words out, as RESP 2 answers them. */
export interface RedisConnection {
  sendCommand(words: readonly string[]): Promise<unknown>;
}

/** One that is not opened again when it breaks. `where`: in the words of messages. Errors: `part/missing`, `upstream/refused`. */
export async function connectRedis(options: RedisClientOptions, where: string): Promise<RedisConnection> {
  const socket = { ...options.socket, connectTimeout: 3000, reconnectStrategy: false } as RedisClientOptions['socket'];
  const client = createClient({ ...options, RESP: 2, socket: socket! });
  client.on('error', () => {}); // what was asked fails with it
  try {
    await client.connect();
  } catch (error) {
    const { code } = error as { code?: string };
    throw new AppError(
      code === 'ECONNREFUSED' ? 'part/missing' : 'upstream/refused',
      `Redis at ${where} did not take a connection: ${messageOf(error) || String(code)}. Check that it listens there, and password`,
    );
  }
  return { sendCommand: (words) => client.sendCommand([...words]) };
}
