import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';
import { TrafficSource } from './source.ts';

const config = z.strictObject({
  host: z.string(),
  method: z.enum(['GET', 'POST']),
  path: z.string(),
  body: z.string().nullable(),
  timeoutMs: z.number().positive(),
});
const address = z.strictObject({ address: z.string(), port: z.int() });
const message = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('aim'), perSecond: z.number().nonnegative(), addresses: z.array(address) }),
  z.strictObject({ op: z.literal('count') }),
]);

serveHelper(async (given) => {
  const source = new TrafficSource(config.parse(given));
  return async (asked) => {
    const request = message.parse(asked);
    if (request.op === 'aim') source.aim(request.perSecond, request.addresses);
    return { ...source.counts };
  };
});
