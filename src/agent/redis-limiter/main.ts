import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { serveHelper } from '../helper-loop.ts';
import { connectRedis } from '../redis/connect.ts';
import { figuresOf } from './figures.ts';
import { readSettings, requireWritable, settingNames, writeSettings } from './settings.ts';

const config = z.strictObject({ connection: z.string() });

const message = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('look') }),
  z.strictObject({ op: z.literal('require-writable') }),
  z.strictObject({ op: z.literal('write'), settings: z.array(z.tuple([z.enum(settingNames), z.string()])) }),
]);

/** Reads and writes how much memory a Redis may use. A setting is the server's, and outlives this process. */
serveHelper(async (given) => {
  const { connection } = config.parse(given);
  const redis = await connectRedis({ url: connection }, placeOf(connection));
  const figures = async () => figuresOf(String(await redis.sendCommand(['INFO'])));
  return async (asked) => {
    const request = message.parse(asked);
    switch (request.op) {
      case 'look': {
        const [settings, now] = await Promise.all([readSettings(redis), figures()]);
        return { settings, figures: now };
      }
      case 'require-writable':
        await requireWritable(redis);
        return {};
      case 'write': {
        // As they were at that moment: what is evicted later is evicted by it.
        const [before] = await Promise.all([figures(), writeSettings(redis, request.settings)]);
        return { before };
      }
    }
  };
});

/** Without its user and password. Errors: `spec/invalid`. */
function placeOf(connection: string): string {
  const url = URL.canParse(connection) ? new URL(connection) : null;
  if (url !== null && /^rediss?:$/.test(url.protocol)) return url.host;
  throw new AppError(
    'spec/invalid',
    'the connection is no address of a Redis. Write redis://[USER:PASSWORD@]HOST:PORT, or rediss:// for TLS',
  );
}
