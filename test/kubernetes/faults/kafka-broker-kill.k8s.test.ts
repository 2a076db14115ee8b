import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { kafkaBrokerKill } from '../../../src/faults/kafka-broker-kill.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract, type Subject } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { openBrokers, type Brokers } from './brokers.ts';
import { isReady, podTarget } from './cluster.ts';

const inSyncWithinMs = 90_000;
/** Started once, for that takes a while: each test leaves it whole. */
let brokers: Brokers;
beforeAll(async () => {
  brokers = await openBrokers();
}, 240_000);
afterAll(async () => brokers.dispose(), 120_000);

/** The second broker, once all are there and nothing is missing. */
async function second(): Promise<{ readonly pod: Pod; readonly target: TargetRef }> {
  await until('three brokers are ready', async () => (await brokers.pods()).filter(isReady).length === 3, inSyncWithinMs);
  await until('nothing is under-replicated', async () => (await brokers.underReplicated()) === 0, inSyncWithinMs);
  const pod = (await brokers.pods())[1];
  if (pod === undefined) throw new Error('there is no second broker');
  return { pod, target: podTarget(pod) };
}

async function subject(): Promise<Subject> {
  const { pod, target } = await second();
  return {
    target,
    params: { mode: 'forced' },
    lent: { cluster: brokers.sandbox.tools },
    patienceMs: inSyncWithinMs,
    async broken() {
      const now = (await brokers.pods()).find(({ metadata }) => metadata.name === target.name);
      return now?.metadata.uid !== pod.metadata.uid || now.metadata.deletionTimestamp !== undefined;
    },
    async dispose() {},
  };
}

faultContract('kafka-broker-kill', subject);

test('what it says of a broker is what is then seen, and no payment is lost', async () => {
  const { target } = await second();
  // One that was killed before leads nothing until it is chosen again.
  const electAgain = ['--election-type', 'preferred', '--all-topic-partitions'];
  await brokers.tool('org.apache.kafka.tools.LeaderElectionCommand', ...electAgain);
  const before = await brokers.balanced();
  const act = await begin(kafkaBrokerKill, target, { mode: 'forced' }, { cluster: brokers.sandbox.tools });
  expect(act.undo).toMatchObject({
    expected: { broker: 1, partitions: 18, replicationFactor: 3, inSync: 18, stopWrites: { count: 0 }, goOffline: { count: 0 } },
    underReplicatedBefore: 0,
  });
  expect((act.undo as { expected: { changeLeader: { count: number } } }).expected.changeLeader.count).toBeGreaterThan(0);
  expect(act.evidence.summary).toMatch(/writes with acks=all go on; .* must get another leader/);

  await until(
    'the others are without it',
    async () => {
      await act.fault.hold?.(act.context, target, act.params, act.undo);
      return act.context.journaled.length > 0;
    },
    30_000,
  );
  const missing = await brokers.underReplicated();
  const [{ left } = { left: null }] = act.context.journaled as unknown as [{ left: { afterMs: number; underMinInSync: number } }];
  expect(left).toMatchObject({ afterMs: expect.any(Number), underMinInSync: 0 });

  const undo = { ...act.undo, left };
  const done = await finish({ ...act, undo }, { patienceMs: inSyncWithinMs });
  expect(done.evidence.data).toMatchObject({ registered: true, inSync: 18, underReplicated: 0 });
  expect(await brokers.underReplicated()).toBe(0);

  const after = await brokers.balanced();
  expect(after.produced).toBeGreaterThan(before.produced + 20);
  expect(after.refused).toBe(0);
  console.log('kafka-broker-kill:', { ...act.times, left, missing, ...done.times, before, after, said: done.evidence.summary });
}, 240_000);

test('a broker that a partition cannot spare is spared, and killed where that is asked for; writes stop as predicted', async () => {
  const { target } = await second();
  const { tools } = brokers.sandbox;
  const set = (minimum: number): Promise<string> => {
    const topic = ['--entity-type', 'topics', '--entity-name', 'payments'];
    return brokers.tool('kafka.admin.ConfigCommand', '--alter', ...topic, '--add-config', `min.insync.replicas=${minimum}`);
  };
  await set(3);
  try {
    const refused = { mode: 'forced', belowMinInSync: 'refuse' } as const;
    await expect(
      kafkaBrokerKill.prepare(createContext('brokers-1', {}, { cluster: tools }), target, kafkaBrokerKill.params.parse(refused)),
    ).rejects.toMatchObject({ code: 'policy/denied', message: expect.stringMatching(/stop for 6 partitions \(payments-/) });

    const act = await begin(kafkaBrokerKill, target, { ...refused, belowMinInSync: 'allow' }, { cluster: tools });
    expect(act.undo).toMatchObject({ expected: { stopWrites: { count: 6 }, goOffline: { count: 0 } } });
    await until(
      'the others are without it',
      async () => {
        await act.fault.hold?.(act.context, target, act.params, act.undo);
        return act.context.journaled.length > 0;
      },
      30_000,
    );
    expect(act.context.journaled).toEqual([{ left: { afterMs: expect.any(Number), underMinInSync: 6 } }]);
    const { produced } = await brokers.ledger();
    let last = produced;
    await until('nothing more is produced', async () => {
      const before = last;
      await sleep(500); // ten messages
      ({ produced: last } = await brokers.ledger());
      return last === before;
    });
    await finish(act, { patienceMs: inSyncWithinMs });
    const back = await brokers.balanced();
    expect(back.refused).toBe(0); // the producer kept them until they could be written
    console.log('kafka-broker-kill, writes stopped:', {
      ...act.times,
      left: act.context.journaled,
      producedUntilSeen: produced,
      stoodStillAt: last,
      back,
    });
  } finally {
    await set(2);
  }
}, 240_000);
