import { createClient } from '@redis/client';
import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import { serveHelper } from '../helper-loop.ts';
import { standingOf } from './standing.ts';

const config = z.strictObject({ host: z.string(), port: z.int(), password: z.string().nullable() });
const message = z.strictObject({ op: z.literal('standing') });

serveHelper(async (given) => {
  const { host, port, password } = config.parse(given);
  const client = createClient({
    socket: { host, port, connectTimeout: 3000, reconnectStrategy: false },
    ...(password === null ? {} : { password }),
  });
  client.on('error', () => {}); // what was asked fails with it
  try {
    await client.connect();
  } catch (error) {
    throw new AppError(
      'upstream/refused',
      `Redis at ${host}:${port} did not take a connection: ${messageOf(error)}. Check that it listens there, and password`,
    );
  }
  return async (asked) => {
    message.parse(asked);
    return { ...standingOf(await client.sendCommand(['ROLE'])) };
  };
});
