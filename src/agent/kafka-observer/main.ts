import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import { serveHelper } from '../helper-loop.ts';
import { connectTo } from './cluster.ts';
import { outcomeOf, standingOf } from './outcome.ts';

const config = z.strictObject({ host: z.string(), port: z.int() });
const message = z.discriminatedUnion('op', [
  // Without a broker: of the one that is asked.
  z.strictObject({ op: z.literal('outcome'), broker: z.int().nullable() }),
  z.strictObject({ op: z.literal('standing'), broker: z.int() }),
]);

serveHelper(async (given) => {
  const { host, port } = config.parse(given);
  const kafka = await connectTo(host, port).catch((error: unknown) => {
    throw new AppError(
      'upstream/refused',
      `Kafka at ${host}:${port} did not take a connection: ${whyOf(error)}. Check that it listens there, without TLS`,
    );
  });
  return async (asked) => {
    const question = message.parse(asked);
    const { brokers, partitions } = await kafka.look();
    return question.op === 'outcome'
      ? { ...outcomeOf(partitions, question.broker ?? (await kafka.identity(brokers))) }
      : { ...standingOf(partitions, brokers, question.broker) };
  };
});

/** The client says where, the system why. */
function whyOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
