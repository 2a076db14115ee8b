import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';
import { PoolHolder } from './pool-holder.ts';

const mode = z.enum(['idle', 'idle-in-transaction', 'sleeping']);

const config = z.strictObject({ connection: z.string(), applicationName: z.string().max(63), reserve: z.int().nonnegative() });

const message = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('limits'), mode }),
  z.strictObject({ op: z.literal('count') }),
  z.strictObject({ op: z.literal('hold'), sessions: z.int().positive(), mode }),
  z.strictObject({ op: z.literal('terminate') }),
]);

serveHelper(async (given) => {
  const { connection, applicationName, reserve } = config.parse(given);
  const holder = await PoolHolder.connect(connection, applicationName, reserve);
  return async (asked) => {
    const request = message.parse(asked);
    switch (request.op) {
      case 'limits':
        return await holder.limits(request.mode);
      case 'count':
        return { sessions: await holder.count(), ...holder.holding };
      case 'hold':
        return await holder.hold(request.sessions, request.mode);
      case 'terminate':
        return { terminated: await holder.terminate() };
    }
  };
});
