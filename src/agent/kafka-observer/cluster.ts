import { Connection, ResponseError, describeConfigsV4, metadataV12 } from '@platformatic/kafka';
import { AppError } from '../../domain/errors.ts';
import type { Partition } from './outcome.ts';

/** As the protocol numbers them. */
const resources = { topic: 2, broker: 4 } as const;
const leaderNotAvailable = 5;

/** What one broker answers, on a connection to it and to no other. */
export interface Kafka {
  look(): Promise<KafkaState>;
  /** Which of these it is itself. Errors: `upstream/refused`. */
  identity(brokers: readonly number[]): Promise<number>;
}

export interface KafkaState {
  /** Ids of those that are registered and not fenced. */
  readonly brokers: readonly number[];
  /** Of every topic, also Kafka's own. */
  readonly partitions: readonly Partition[];
}

/** Rejects with Kafka's or the system's own words. */
export async function connectTo(host: string, port: number): Promise<Kafka> {
  const connection = new Connection('firedrill', { connectTimeout: 3000, requestTimeout: 5000 });
  connection.on('error', () => {}); // what was asked fails with it
  await connection.connect(host, port);

  const metadata = async (): Promise<metadataV12.MetadataResponse> => {
    try {
      return await metadataV12.api.async(connection, null, false);
    } catch (error) {
      // A partition without a leader is an answer, and the client's error holds it.
      if (error instanceof ResponseError && onlyLeadersAreMissing(error.response)) return error.response;
      throw error;
    }
  };

  return {
    async look() {
      const { brokers, topics } = await metadata();
      const names = topics.flatMap(({ name }) => name ?? []);
      const minimums = await minInSyncOf(connection, names);
      const partitions = topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => ({
          topic: name ?? '',
          number: partitionIndex,
          leader: leaderId,
          replicas: replicaNodes,
          inSync: isrNodes,
          minInSync: minimums.get(name ?? '') ?? 1,
        })),
      );
      return { brokers: brokers.map(({ nodeId }) => nodeId), partitions };
    },

    async identity(brokers) {
      // A broker tells its own settings and refuses those of any other: whichever it tells is its own.
      for (const broker of brokers) {
        if (await tellsSettings(connection, broker)) return broker;
      }
      throw new AppError(
        'upstream/refused',
        `the broker at ${host}:${port} does not say which one it is. It must be allowed to describe its configuration`,
      );
    },
  };
}

async function tellsSettings(connection: Connection, broker: number): Promise<boolean> {
  const asked = [{ resourceType: resources.broker, resourceName: String(broker), configurationKeys: ['node.id', 'broker.id'] }];
  try {
    await describeConfigsV4.api.async(connection, asked, false, false);
    return true;
  } catch (error) {
    if (error instanceof ResponseError) return false;
    throw error;
  }
}

async function minInSyncOf(connection: Connection, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (topics.length === 0) return new Map();
  const setting = 'min.insync.replicas';
  const asked = topics.map((resourceName) => ({ resourceType: resources.topic, resourceName, configurationKeys: [setting] }));
  const { results } = await describeConfigsV4.api.async(connection, asked, false, false);
  return new Map(
    results.map(({ resourceName, configs }) => {
      const value = Number(configs.find(({ name }) => name === setting)?.value);
      if (!Number.isInteger(value)) {
        throw new AppError('upstream/refused', `Kafka does not tell ${setting} of topic ${resourceName}. Allow its description`);
      }
      return [resourceName, value];
    }),
  );
}

function onlyLeadersAreMissing(response: unknown): response is metadataV12.MetadataResponse {
  const { topics } = response as metadataV12.MetadataResponse;
  return topics.every(
    ({ errorCode, partitions }) =>
      errorCode === 0 && partitions.every((partition) => partition.errorCode === 0 || partition.errorCode === leaderNotAvailable),
  );
}
