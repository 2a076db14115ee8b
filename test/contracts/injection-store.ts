import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { permitOf, specOf } from '../agent/records.ts';
import { until } from '../agent/until.ts';

export interface StoreUnderTest {
  /** Each call is the view of another process. */
  open(): InjectionStore;
  /** Damages what is stored, as a bad disk or a careless hand does. */
  damage(record: Damageable, id: string): Promise<void>;
  close(): Promise<void>;
}

export type Damageable = 'spec' | 'status' | 'permit' | 'halt' | 'confirmation';

/** Other processes may hear of a change a moment later. */
async function seen<T>(read: () => Promise<T>, check: (value: T) => void): Promise<void> {
  const holds = (value: T): boolean => {
    try {
      check(value);
      return true;
    } catch {
      return false;
    }
  };
  check(await until(read, holds, 5_000).catch(read));
}

const id = 'run-1-1-1';
const statusOf = (changes: Partial<InjectionStatus> = {}): InjectionStatus => ({
  schemaVersion: 1,
  id,
  runId: 'run-1',
  phase: 'armed',
  ...changes,
});
const beat = (name: string, at: string) => ({ name, pid: 7, version: '1.0.0', at, faults: ['hook'] });
const noon = '2026-01-01T12:00:00.000Z';

/**
 * What worker and agents rely on, whatever holds the records. Every adapter's test calls it. `unbreakable`: what the store itself
 * lets nobody damage.
 */
export function injectionStoreContract(start: () => Promise<StoreUnderTest>, unbreakable: readonly Damageable[] = []): void {
  const testDamage = (record: Damageable, title: string, run: () => Promise<void>): void => {
    if (!unbreakable.includes(record)) test(title, run);
  };
  let under: StoreUnderTest;
  let worker: InjectionStore;
  let agent: InjectionStore;

  beforeEach(async () => {
    under = await start();
    worker = under.open();
    agent = under.open();
  });
  afterEach(() => under.close());

  describe('a spec', () => {
    test('is read by another process as it was written', async () => {
      const spec = specOf({ params: { deep: { list: [1, null, 'two'] } } });
      await worker.writeSpec(spec);
      await seen(
        () => agent.readSpecs(),
        (specs) => expect(specs).toEqual([spec]),
      );
    });

    test('may be written again, and never changed', async () => {
      const spec = specOf();
      await worker.writeSpec(spec);
      await worker.writeSpec(spec);
      await expect(worker.writeSpec({ ...spec, stage: 2 })).rejects.toMatchObject({ code: 'internal/bug' });
      await seen(
        () => agent.readSpecs(),
        (specs) => expect(specs).toEqual([spec]),
      );
    });

    test('is not looked at when it is excepted', async () => {
      const [first, second] = [specOf(), specOf({ id: 'run-1-1-2' })];
      await worker.writeSpec(first);
      await worker.writeSpec(second);
      await seen(
        () => agent.readSpecs(new Set([first.id])),
        (specs) => expect(specs).toEqual([second]),
      );
    });

    testDamage('spec', 'that is damaged is corrupt and not missing, also after it was read well', async () => {
      await worker.writeSpec(specOf());
      await seen(
        () => agent.readSpecs(),
        (specs) => expect(specs).toHaveLength(1),
      );
      await under.damage('spec', id);
      const third = under.open();
      for (const store of [agent, third]) {
        await seen(
          () => store.readSpecs(),
          (specs) => expect(specs).toMatchObject([{ corrupt: true, id }]),
        );
      }
    });

    test.each(['', '.hidden', '../outside', 'a/b', 'x'.repeat(300)])('cannot be called %j', async (name) => {
      await expect(worker.writeSpec(specOf({ id: name }))).rejects.toMatchObject({ code: 'spec/invalid' });
    });
  });

  describe('a status', () => {
    test('is the last one that was written', async () => {
      await agent.writeStatus(statusOf({ phase: 'arming' }));
      const last = statusOf({ phase: 'active', verifiedAt: noon, cause: 'asked', evidence: { deep: { list: [1, 'two'] } } });
      await agent.writeStatus(last);
      expect(await worker.readStatus(id)).toEqual(last);
      await seen(
        () => worker.readStatuses(),
        (statuses) => expect(statuses).toEqual([last]),
      );
    });

    test('is the last one also when another agent has written in between', async () => {
      const other = under.open();
      await agent.writeStatus(statusOf({ phase: 'active', evidence: { by: 'agent', first: 1 } }));
      await other.readStatus(id);
      await other.writeStatus(statusOf({ phase: 'reverting', evidence: { by: 'other' } }));
      await agent.readStatus(id);
      const last = statusOf({ phase: 'stuck', evidence: { by: 'agent', first: 1 } });
      await agent.writeStatus(last);
      expect(await worker.readStatus(id)).toEqual(last);
    });

    test('is read of the injections that are asked for', async () => {
      await agent.writeStatus(statusOf());
      await agent.writeStatus(statusOf({ id: 'run-1-1-2' }));
      await seen(
        () => worker.readStatuses(['run-1-1-2', 'run-1-1-3']),
        (statuses) => expect(statuses).toEqual([statusOf({ id: 'run-1-1-2' })]),
      );
    });

    test('is null when no agent has answered', async () => {
      expect(await worker.readStatus(id)).toBeNull();
      expect(await worker.readStatuses()).toEqual([]);
    });

    testDamage('status', 'is listed without its spec, and when it is damaged', async () => {
      await agent.writeStatus(statusOf());
      await agent.writeStatus(statusOf({ id: 'run-2-1-1', runId: 'run-2' }));
      await under.damage('status', id);
      expect(await worker.readStatus(id)).toMatchObject({ corrupt: true, id });
      await seen(
        () => worker.readStatuses(),
        (statuses) =>
          expect(statuses.map((status) => [status.id, isCorrupt(status)]).toSorted()).toEqual([
            [id, true],
            ['run-2-1-1', false],
          ]),
      );
    });
  });

  describe('a permit', () => {
    test('is the last one that was written, per run', async () => {
      await worker.writePermit(permitOf());
      await worker.writePermit(permitOf({ runId: 'run-2', freeze: true }));
      await worker.writePermit(permitOf({ renewal: 2, revert: true }));
      expect(await agent.readPermit('run-1')).toEqual(permitOf({ renewal: 2, revert: true }));
      expect(await agent.readPermit('run-2')).toEqual(permitOf({ runId: 'run-2', freeze: true }));
    });

    test('that has said revert says so for good, whatever a watcher that comes back late writes over it', async () => {
      await worker.writePermit(permitOf({ revert: true }));
      await worker.writePermit(permitOf({ generation: 7, renewal: 9 }));
      expect(await agent.readPermit('run-1')).toEqual(permitOf({ generation: 7, renewal: 9, revert: true }));
      expect(await agent.readPermit('run-2')).toBeNull();
    });

    testDamage('permit', 'is null when there is none, and corrupt when it is damaged', async () => {
      expect(await agent.readPermit('run-1')).toBeNull();
      expect((await agent.lookAtPermit('run-1')).permit).toBeNull();
      await worker.writePermit(permitOf());
      await under.damage('permit', 'run-1');
      expect(await agent.readPermit('run-1')).toMatchObject({ corrupt: true, id: 'run-1' });
      await seen(
        () => agent.lookAtPermit('run-1'),
        ({ permit }) => expect(permit).toMatchObject({ corrupt: true, id: 'run-1' }),
      );
    });

    test('that says revert says so too from a watcher that was replaced', async () => {
      await worker.writePermit(permitOf({ generation: 7, renewal: 9 }));
      await worker.writePermit(permitOf({ generation: 3, revert: true }));
      expect(await agent.readPermit('run-1')).toMatchObject({ revert: true });
      await seen(
        () => agent.lookAtPermit('run-1'),
        ({ permit }) => expect(permit).toMatchObject({ revert: true }),
      );
    });

    test('is renewed from the look before the one that shows it on, for only then it surely was not stored', async () => {
      await worker.writePermit(permitOf({ renewal: 1 }));
      const showing = async (renewal: number) => {
        let look = await agent.lookAtPermit('run-1');
        await seen(
          async () => (look = await agent.lookAtPermit('run-1')),
          ({ permit }) => expect(permit).toEqual(permitOf({ renewal })),
        );
        return look;
      };
      const first = await showing(1);
      const stored = performance.now();
      await worker.writePermit(permitOf({ renewal: 2 }));
      const second = await showing(2);
      expect(second.since).toBeGreaterThanOrEqual(first.since);
      expect(second.since).toBeLessThanOrEqual(stored);
      expect((await showing(2)).since).toBe(second.since);
    });

    test('is never seen half written', async () => {
      const renewals = Array.from({ length: 50 }, (_, renewal) => renewal);
      const seen: unknown[] = [];
      let writing = true;
      await Promise.all([
        (async () => {
          for (const renewal of renewals) await worker.writePermit(permitOf({ renewal }));
          writing = false;
        })(),
        (async () => {
          while (writing) seen.push(await agent.readPermit('run-1'));
        })(),
      ]);
      const whole = seen.filter((read) => read !== null);
      expect(whole.every((read) => renewals.some((renewal) => renewal === (read as { renewal?: number }).renewal))).toBe(true);
    });
  });

  describe('a confirmation', () => {
    const injected = { schemaVersion: 1, id, word: 'injected', by: 'ann', at: noon } as const;

    test('is null until somebody has said it, of each word by itself', async () => {
      await worker.writeSpec(specOf());
      await seen(
        () => agent.readSpecs(),
        (specs) => expect(specs).toHaveLength(1),
      );
      expect(await agent.readConfirmation(id, 'injected')).toBeNull();
      expect(await worker.writeConfirmation(injected)).toEqual(injected);
      await seen(
        () => agent.readConfirmation(id, 'injected'),
        (read) => expect(read).toEqual(injected),
      );
      expect(await agent.readConfirmation(id, 'reverted')).toBeNull();
      const reverted = { ...injected, word: 'reverted', by: 'bob' } as const;
      expect(await under.open().writeConfirmation(reverted)).toEqual(reverted);
      await seen(
        () => agent.readConfirmation(id, 'reverted'),
        (read) => expect(read).toEqual(reverted),
      );
      expect(await agent.readConfirmation(id, 'injected')).toEqual(injected);
    });

    test('stays as it was said first, whoever says it again', async () => {
      await worker.writeSpec(specOf());
      await worker.writeConfirmation(injected);
      expect(await under.open().writeConfirmation({ ...injected, by: 'bob' })).toEqual(injected);
      await seen(
        () => agent.readConfirmation(id, 'injected'),
        (read) => expect(read).toEqual(injected),
      );
    });

    test('changes nothing else of what is stored', async () => {
      const spec = specOf();
      await worker.writeSpec(spec);
      await agent.writeStatus(statusOf({ phase: 'activating' }));
      await worker.writeConfirmation(injected);
      await agent.writeStatus(statusOf({ phase: 'active', verifiedAt: noon }));
      expect(await worker.readStatus(id)).toEqual(statusOf({ phase: 'active', verifiedAt: noon }));
      await seen(
        () => agent.readSpecs(),
        (specs) => expect(specs).toEqual([spec]),
      );
      await seen(
        () => agent.readConfirmation(id, 'injected'),
        (read) => expect(read).toEqual(injected),
      );
    });

    testDamage('confirmation', "that is damaged is corrupt and nobody's word", async () => {
      await worker.writeSpec(specOf());
      await worker.writeConfirmation(injected);
      await under.damage('confirmation', id);
      await seen(
        () => agent.readConfirmation(id, 'injected'),
        (read) => expect(read).toMatchObject({ corrupt: true, id }),
      );
      expect(await worker.writeConfirmation(injected)).toMatchObject({ corrupt: true, id });
    });
  });

  describe('a halt', () => {
    const halt = { by: 'ann', why: 'drill', at: noon };

    test('is there until it is lifted, and may be lifted twice', async () => {
      expect(await agent.readHalt()).toBeNull();
      await worker.writeHalt(halt);
      await seen(
        () => agent.readHalt(),
        (read) => expect(read).toEqual(halt),
      );
      await worker.writeHalt({ ...halt, why: 'still' });
      await seen(
        () => agent.readHalt(),
        (read) => expect(read).toEqual({ ...halt, why: 'still' }),
      );
      await worker.liftHalt();
      await worker.liftHalt();
      await seen(
        () => agent.readHalt(),
        (read) => expect(read).toBeNull(),
      );
    });

    testDamage('halt', 'that cannot be read is a halt', async () => {
      await worker.writeHalt(halt);
      await under.damage('halt', '');
      await seen(
        () => agent.readHalt(),
        (read) => expect(read).toMatchObject({ by: 'unknown' }),
      );
    });
  });

  test('heartbeats are the last of each agent', async () => {
    await agent.writeHeartbeat(beat('one', noon));
    await agent.writeHeartbeat(beat('two', noon));
    await agent.writeHeartbeat(beat('one', '2026-01-01T12:00:01.000Z'));
    await seen(
      () => worker.readHeartbeats(),
      (beats) =>
        expect(beats.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
          beat('one', '2026-01-01T12:00:01.000Z'),
          beat('two', noon),
        ]),
    );
  });

  describe('claims', () => {
    test('have one holder, who is named to the next', async () => {
      expect(await agent.takeClaims(id, ['link:a', 'pool:b'])).toEqual({ taken: true });
      expect(await worker.takeClaims('other', ['pool:b'])).toEqual({ taken: false, claim: 'pool:b', holder: id });
    });

    test('are taken all or not at all', async () => {
      await agent.takeClaims(id, ['b']);
      expect((await agent.takeClaims('other', ['a', 'b', 'c'])).taken).toBe(false);
      expect(await agent.takeClaims('third', ['a', 'c'])).toEqual({ taken: true });
    });

    test('may be taken again by their holder, who may have crashed', async () => {
      await agent.takeClaims(id, ['a']);
      expect(await under.open().takeClaims(id, ['a', 'b'])).toEqual({ taken: true });
    });

    test('are freed for their holder alone, and as often as one likes', async () => {
      await agent.takeClaims(id, ['a']);
      await agent.takeClaims('other', ['b']);
      await agent.releaseClaims(id);
      await agent.releaseClaims(id);
      expect(await agent.takeClaims('third', ['a'])).toEqual({ taken: true });
      expect(await agent.takeClaims('third', ['b'])).toMatchObject({ taken: false, holder: 'other' });
    });

    test('are never held by two, however many try at once', async () => {
      for (let round = 0; round < 10; round += 1) {
        const takers = ['a', 'b', 'c', 'd'].map((name) => `${name}-${round}`);
        const answers = await Promise.all(takers.map((taker) => under.open().takeClaims(taker, [`x-${round}`, `y-${round}`])));
        expect(answers.filter(({ taken }) => taken).length).toBeLessThanOrEqual(1);
        const holder = takers[answers.findIndex(({ taken }) => taken)];
        if (holder !== undefined) {
          expect(await agent.takeClaims('late', [`y-${round}`])).toMatchObject({ taken: false, holder });
        }
      }
    });
  });
}
