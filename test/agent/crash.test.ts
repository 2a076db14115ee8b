import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { createAgent } from '../../src/agent/agent.ts';
import type { Agent, RecordsInSight } from '../../src/agent/agent.ts';
import type { AgentDependencies } from '../../src/agent/dependencies.ts';
import { sweep } from '../../src/agent/sweep.ts';
import { isTerminal } from '../../src/domain/injection/records.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { agentDependencies } from './dependencies.ts';
import { createCrashPoint } from './crash-point.ts';
import type { CrashPoint } from './crash-point.ts';
import { permitOf, specOf } from './records.ts';
import { createTemporaryFault } from './temporary-fault.ts';
import type { TemporaryFault } from './temporary-fault.ts';
import { until } from './until.ts';

const id = 'run-1-1-1';
const survives = (): CrashPoint => createCrashPoint(0, false);
let folder: string;
let store: InjectionStore;
let file: TemporaryFault;

beforeEach(open);
afterEach(close);

function open(): void {
  folder = mkdtempSync(join(tmpdir(), 'crash-'));
  store = createInjectionStore(folder);
  file = createTemporaryFault(folder, () => existsSync(join(folder, 'journal', `${id}.jsonl`)));
}

function close(): void {
  rmSync(folder, { recursive: true, force: true });
}

function dependencies(crash: CrashPoint): AgentDependencies & RecordsInSight {
  const real = agentDependencies(folder, [crash.wrap(file.fault)]);
  return { ...real, store: crash.wrap(store), journal: crash.wrap(real.journal) };
}

const agentWith = (crash: CrashPoint): Agent => createAgent(dependencies(crash));

async function status(): Promise<InjectionStatus | null> {
  const read = await store.readStatus(id);
  return read === null || isCorrupt(read) ? null : read;
}
const ended = (status: InjectionStatus | null): boolean => status !== null && isTerminal(status.phase);

let renewal = 1;
/** What a watcher does that lives: an agent that comes up injects by no permit that it found. */
const release = (): Promise<void> => store.writePermit(permitOf({ renewal: (renewal += 1) }));

const claims = (): readonly string[] => readdirSync(join(folder, 'claims'));

/** One life of an agent: until it dies at its crash point, or the injection has ended and holds no claim. */
async function live(crash: CrashPoint, end: () => Promise<void>): Promise<void> {
  const agent = agentWith(crash);
  void agent.start();
  let asked = false;
  await until(
    async () => {
      const now = await status();
      if (now?.phase === 'armed') await release();
      if (now?.phase === 'active' && !asked) {
        asked = true;
        await end();
      }
      return crash.dead() || (ended(now) && claims().length === 0);
    },
    (over) => over,
  );
  agent.abandon();
  await crash.settled();
}

const endings = {
  asked: () => store.writePermit(permitOf({ revert: true })),
  'permit gone': () => Promise.resolve(rmSync(join(folder, 'permits', 'run-1.json'), { force: true })),
  halt: () => store.writeHalt({ by: 'test', why: 'test', at: new Date().toISOString() }),
  lease: () => Promise.resolve(),
};

describe('an agent that dies at any call it makes', () => {
  test('leaves nothing in effect once it lives again, and injects at most once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.integer({ min: 1, max: 60 }), performed: fc.boolean() }), { minLength: 1, maxLength: 2 }),
        fc.constantFrom<keyof typeof endings>('asked', 'permit gone', 'halt', 'lease'),
        async (crashes, ending) => {
          close();
          open();
          await store.writePermit(permitOf());
          await store.writeSpec(specOf({ fault: 'file', leaseSeconds: 1 }));
          for (const { at, performed } of crashes) await live(createCrashPoint(at, performed), endings[ending]);
          await live(survives(), endings[ending]);

          expect(ended(await status())).toBe(true);
          expect(file.inEffect()).toBe(false);
          expect(file.injects()).toBeLessThanOrEqual(1);
          const error = (await status())?.error?.message ?? '';
          expect(error).not.toContain('before its undo was durable');
        },
      ),
      { numRuns: 25, examples: [[[{ at: 25, performed: true }], 'asked']] },
    );
  }, 120_000);

  test.each([...Array(30).keys()])('leaves nothing in effect after dying at call %i, performed but unanswered', async (call) => {
    await store.writePermit(permitOf());
    await store.writeSpec(specOf({ fault: 'file', leaseSeconds: 10 }));
    await live(createCrashPoint(call + 1, true), endings.asked);
    await live(survives(), endings.asked);

    expect(file.inEffect()).toBe(false);
    expect(file.injects()).toBeLessThanOrEqual(1);
    expect((await store.takeClaims('another', ['file:effect'])).taken).toBe(true);
  });
});

describe('sweep', () => {
  async function leaveBehind(leaseSeconds: number): Promise<void> {
    await store.writePermit(permitOf());
    await store.writeSpec(specOf({ fault: 'file', leaseSeconds }));
    const agent = agentWith(survives());
    await agent.start();
    await until(status, (status) => status?.phase === 'armed');
    await release();
    await until(status, (status) => status?.phase === 'active');
    agent.abandon();
  }

  test('leaves alone what a living agent may hold', async () => {
    await leaveBehind(1);
    const result = await sweep(dependencies(survives()), { force: true, timeoutMs: 1_000 });
    expect(result.skipped.map(({ id }) => id)).toEqual([id]);
    expect(file.inEffect()).toBe(true);
  });

  test('reverts from records alone when no agent is alive and the lease is over', async () => {
    await leaveBehind(1);
    const [beat] = await store.readHeartbeats();
    if (beat !== undefined) await store.writeHeartbeat({ ...beat, at: new Date(Date.now() - 6_000).toISOString() });
    const result = await sweep(dependencies(survives()), { force: false, timeoutMs: 5_000 });
    expect(result).toEqual({ reverted: [id], skipped: [], failed: [] });
    expect(file.inEffect()).toBe(false);
  });
});
