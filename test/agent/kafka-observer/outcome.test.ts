import { describe, expect, test } from '@jest/globals';
import { outcomeOf, standingOf, type Partition } from '../../../src/agent/kafka-observer/outcome.ts';

const partition = (number: number, given: Partial<Partition> = {}): Partition => ({
  topic: 'payments',
  number,
  leader: 0,
  replicas: [0, 1, 2],
  inSync: [0, 1, 2],
  minInSync: 2,
  ...given,
});

describe('what the loss of a broker does', () => {
  test('with all in sync and one to spare, writes go on, and what it leads gets another leader', () => {
    expect(outcomeOf([partition(0), partition(1, { leader: 1 }), partition(2, { leader: 2 })], 1)).toEqual({
      broker: 1,
      partitions: 3,
      replicationFactor: 3,
      inSync: 3,
      changeLeader: { count: 1, first: ['payments-1'] },
      stopWrites: { count: 0, first: [] },
      goOffline: { count: 0, first: [] },
    });
  });

  test('with none to spare, writes stop', () => {
    expect(outcomeOf([partition(0, { inSync: [0, 1] })], 1)).toMatchObject({ stopWrites: { count: 1 }, goOffline: { count: 0 } });
    expect(outcomeOf([partition(0, { minInSync: 3 })], 1)).toMatchObject({ stopWrites: { first: ['payments-0'] } });
  });

  test('a partition that is in sync nowhere else goes offline, whatever its minimum', () => {
    const alone = partition(0, { replicas: [1], inSync: [1], leader: 1, minInSync: 1 });
    expect(outcomeOf([alone], 1)).toMatchObject({
      replicationFactor: 1,
      changeLeader: { count: 0 },
      stopWrites: { count: 0 },
      goOffline: { count: 1 },
    });
  });

  test('what it is not in sync with, or has too few already, it does not stop', () => {
    const behind = partition(0, { inSync: [0, 2] });
    const stopped = partition(1, { inSync: [0, 1], minInSync: 3 });
    expect(outcomeOf([behind, stopped], 1)).toMatchObject({ partitions: 2, inSync: 1, stopWrites: { count: 0 } });
  });

  test('partitions of others do not count', () => {
    expect(outcomeOf([partition(0, { replicas: [0, 2], inSync: [0, 2] })], 1)).toMatchObject({ partitions: 0, inSync: 0 });
  });

  test('a few are named, all are counted', () => {
    const many = Array.from({ length: 40 }, (_, number) => partition(number, { leader: 1 }));
    expect(outcomeOf(many, 1).changeLeader).toEqual({ count: 40, first: [0, 1, 2, 3, 4].map((number) => `payments-${number}`) });
  });
});

test('a broker stands by its own partitions, its cluster by all', () => {
  const partitions = [
    partition(0, { inSync: [0, 2] }),
    partition(1),
    partition(2, { replicas: [0, 2], inSync: [0], minInSync: 2 }),
  ];
  expect(standingOf(partitions, [0, 2], 1)).toEqual({
    registered: false,
    partitions: 2,
    inSync: 1,
    underReplicated: 2,
    underMinInSync: 1,
  });
});
