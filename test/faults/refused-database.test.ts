import { beforeAll, describe, expect, test } from '@jest/globals';
import { freePorts } from '../../lab/host/free-ports.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { poolExhaustion } from '../../src/faults/pool-exhaustion.ts';
import { queryLock } from '../../src/faults/query-lock.ts';
import type { Evidence, FaultContext } from '../../src/faults/fault.ts';
import { createFakeCluster } from '../fakes/cluster.ts';
import { createContext } from './context.ts';

/** Refuses every connection, as a server that has ended does, and a Service without a ready one. */
let address: string;
beforeAll(async () => {
  const [port] = await freePorts(1);
  address = `postgres://app@127.0.0.1:${port}/shop`;
});

interface Ends {
  revert(context: FaultContext, target: TargetRef): Promise<void>;
  verifyReverted(context: FaultContext, target: TargetRef): Promise<Evidence>;
}
const undo = { applicationName: 'firedrill-refused-1-1' };
const pool = { ...undo, sessions: 3, layer: 'server', maxConnections: 20, availableBefore: 17 } as const;
const faults: readonly [string, Ends][] = [
  [
    'query-lock',
    {
      revert: (context, target) => queryLock.revert(context, target, undo),
      verifyReverted: (context, target) => queryLock.verifyReverted(context, target, undo),
    },
  ],
  [
    'pool-exhaustion',
    {
      revert: (context, target) => poolExhaustion.revert(context, target, pool),
      verifyReverted: (context, target) => poolExhaustion.verifyReverted(context, target, pool),
    },
  ],
];

function targetBy(connection: string): TargetRef {
  return { kind: 'postgres', service: 'shop', name: 'db', uid: 'db', locator: { connection, namespace: 'shop' } };
}

describe.each(faults)('the end of %s, where every connection is refused,', (_name, ends) => {
  test('is there on a host: the server has ended, and its sessions with it', async () => {
    const context = { ...createContext('refused-1-1'), secret: async () => address };
    const target = targetBy('env:SHOP');
    await ends.revert(context, target);
    expect(await ends.verifyReverted(context, target)).toMatchObject({ present: false, data: { held: null } });
  });

  test('is not seen in a cluster: a Service refuses for a server that is only not ready', async () => {
    const context = { ...createContext('refused-1-1', {}, { cluster: createFakeCluster() }), secret: async () => address };
    const target = targetBy('secret:shop/db#dsn');
    const unknown = { code: 'upstream/unreachable', message: expect.stringMatching(/shop\/db.* is unknown/) as unknown };
    await expect(ends.revert(context, target)).rejects.toMatchObject(unknown);
    await expect(ends.verifyReverted(context, target)).rejects.toMatchObject(unknown);
  });
});
