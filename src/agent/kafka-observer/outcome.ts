/** One partition, as a broker knows it. Brokers by their ids. */
export interface Partition {
  readonly topic: string;
  readonly number: number;
  /** -1: none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
  /** Fewer in sync, and what asks all of them (`acks=all`) is not written. */
  readonly minInSync: number;
}

/** `first`: a few of them by name, `topic-number`. */
export type Named = { readonly count: number; readonly first: readonly string[] };

/** What the loss of one broker does to the partitions that it has a replica of. */
export type Outcome = {
  readonly broker: number;
  readonly partitions: number;
  /** Of those partitions, the least. */
  readonly replicationFactor: number;
  readonly inSync: number;
  /** Another one in sync is to lead these. */
  readonly changeLeader: Named;
  /** These are left with fewer in sync than they must have. */
  readonly stopWrites: Named;
  /** Of these nobody else is in sync: they can be neither written nor read. */
  readonly goOffline: Named;
};

/** How a cluster stands. */
export type Standing = {
  readonly registered: boolean;
  /** Of all partitions, those that have a replica at this broker, and those of them where it is in sync. */
  readonly partitions: number;
  readonly inSync: number;
  /** Of all partitions, whoever is missing. */
  readonly underReplicated: number;
  readonly underMinInSync: number;
};

const namesAtMost = 5;

export function outcomeOf(partitions: readonly Partition[], broker: number): Outcome {
  const held = partitions.filter(({ replicas }) => replicas.includes(broker));
  const inSync = held.filter((partition) => partition.inSync.includes(broker));
  const alone = inSync.filter((partition) => partition.inSync.length === 1);
  const shared = inSync.filter((partition) => partition.inSync.length > 1);
  return {
    broker,
    partitions: held.length,
    replicationFactor: held.length === 0 ? 0 : Math.min(...held.map(({ replicas }) => replicas.length)),
    inSync: inSync.length,
    changeLeader: named(shared.filter(({ leader }) => leader === broker)),
    // What has too few already is not stopped by this.
    stopWrites: named(shared.filter((partition) => partition.inSync.length === partition.minInSync)),
    goOffline: named(alone),
  };
}

export function standingOf(partitions: readonly Partition[], brokers: readonly number[], broker: number): Standing {
  const held = partitions.filter(({ replicas }) => replicas.includes(broker));
  return {
    registered: brokers.includes(broker),
    partitions: held.length,
    inSync: held.filter(({ inSync }) => inSync.includes(broker)).length,
    underReplicated: partitions.filter(({ replicas, inSync }) => inSync.length < replicas.length).length,
    underMinInSync: partitions.filter(({ inSync, minInSync }) => inSync.length < minInSync).length,
  };
}

function named(partitions: readonly Partition[]): Named {
  return { count: partitions.length, first: partitions.slice(0, namesAtMost).map(({ topic, number }) => `${topic}-${number}`) };
}
