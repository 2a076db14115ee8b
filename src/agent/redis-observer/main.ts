import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';
import { connectRedis } from '../redis/connect.ts';
import { standingOf } from './standing.ts';

const config = z.strictObject({ host: z.string(), port: z.int(), password: z.string().nullable() });
const message = z.strictObject({ op: z.literal('standing') });

serveHelper(async (given) => {
  const { host, port, password } = config.parse(given);
  const client = await connectRedis({ socket: { host, port }, ...(password === null ? {} : { password }) }, `${host}:${port}`);
  return async (asked) => {
    message.parse(asked);
    return { ...standingOf(await client.sendCommand(['ROLE'])) };
  };
});
