import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createAgent } from '../../src/agent/agent.ts';
import type { Agent } from '../../src/agent/agent.ts';
import type { AgentDependencies } from '../../src/agent/dependencies.ts';
import type { InjectionSpec, InjectionStatus } from '../../src/domain/injection/records.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Fault } from '../../src/faults/fault.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import type { Journal } from '../../src/ports/journal.ts';
import { agentDependencies } from './dependencies.ts';
import { permitOf, specOf } from './records.ts';
import { createTemporaryFault } from './temporary-fault.ts';
import type { TemporaryFault } from './temporary-fault.ts';
import { until } from './until.ts';

let spec: InjectionSpec;
let folder: string;
let file: TemporaryFault;
let store: InjectionStore;
let agents: Agent[];

beforeEach(() => {
  spec = specOf({ fault: 'file' });
  folder = mkdtempSync(join(tmpdir(), 'agent-'));
  file = createTemporaryFault(folder, () => readdirSync(join(folder, 'journal')).length > 0);
  store = agentDependencies(folder, []).store;
  agents = [];
});

afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(changes: Partial<AgentDependencies> = {}): Promise<Agent> {
  const agent = createAgent({ ...agentDependencies(folder, [file.fault]), ...changes });
  agents.push(agent);
  await agent.start();
  return agent;
}

async function status(): Promise<InjectionStatus | null> {
  const read = await store.readStatus(spec.id);
  return read === null || isCorrupt(read) ? null : read;
}
const phaseIs = (phase: string) => until(status, (status) => status?.phase === phase);
const claims = (): readonly string[] => readdirSync(join(folder, 'claims'));

/** The same fault, and the signal that its prepare was given. */
function preparing(): { readonly fault: Fault; prepared(): AbortSignal | null } {
  let given: AbortSignal | null = null;
  const prepare: Fault['prepare'] = (context, ...rest) => {
    given = context.signal;
    return file.fault.prepare(context, ...rest);
  };
  return { fault: { ...file.fault, prepare }, prepared: () => given };
}

describe('an agent', () => {
  test('frees the claims of an ended injection as soon as its store lets it', async () => {
    let refusals = 0;
    const releaseClaims = (id: string): Promise<void> => {
      if (refusals === 2) return store.releaseClaims(id);
      refusals += 1;
      return Promise.reject(new AppError('upstream/unreachable', 'the disk is full'));
    };
    await start({ store: { ...store, releaseClaims } });
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await phaseIs('active');
    await store.writePermit(permitOf({ revert: true }));

    await until(claims, (claims) => claims.length === 0);
    expect(refusals).toBe(2);
  });

  test('ends what a prepare has started when its undo is never stored, for no revert will', async () => {
    const { fault, prepared } = preparing();
    const { journal } = agentDependencies(folder, []);
    const stored = Promise.withResolvers<void>();
    const open: Journal['open'] = async (...asked) => {
      await stored.promise;
      return journal.open(...asked);
    };
    await start({ faults: [fault], journal: { ...journal, open } });
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await until(prepared, (signal) => signal !== null);
    expect(prepared()?.aborted).toBe(false);
    await store.writePermit(permitOf({ revert: true }));
    await phaseIs('refused');
    expect(prepared()?.aborted).toBe(true);
    stored.resolve();
  });

  test('looks no more at what has ended, so that an old agent is as quick as a young one', async () => {
    const looks: boolean[] = [];
    const readSpecs: InjectionStore['readSpecs'] = async (except) => {
      const specs = await store.readSpecs(except);
      looks.push(specs.some(({ id }) => id === spec.id));
      return specs;
    };
    await start({ store: { ...store, readSpecs } });
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await phaseIs('active');
    await store.writePermit(permitOf({ revert: true }));
    await phaseIs('reverted');

    expect(looks).toContain(true);
    await until(
      () => looks.at(-1),
      (looked) => looked === false,
    );
  });

  test('says loudly that it cannot revert what it does not know, until an agent that does has reverted it', async () => {
    const dying = await start();
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await phaseIs('active');
    dying.abandon();
    agents = [];

    const ignorant = await start({ faults: [] });
    const stuck = await phaseIs('stuck');
    expect(stuck?.error).toMatchObject({ code: 'fault/revert-failed', message: expect.stringContaining('no fault "file"') });
    expect(stuck?.undo).toBeDefined();
    expect(claims()).toHaveLength(1);
    await ignorant.stop();

    await start();
    expect((await phaseIs('reverted'))?.cause).toBe('restart');
    expect(file.inEffect()).toBe(false);
  });

  test('says loudly whose undo it does not read, what is wrong with it, and which version does', async () => {
    const dying = await start();
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await phaseIs('active');
    dying.abandon();
    agents = [];

    const undo = z.object({ devices: z.array(z.string()) });
    const newer = await start({ version: '9.9.9', faults: [{ ...file.fault, undo }] });
    const message = (await phaseIs('stuck'))?.error?.message ?? '';
    expect(message).toContain(`"${spec.id}" on ${spec.target.name} may still be in effect: the agent (version 9.9.9)`);
    expect(message).toContain('devices: ');
    expect(message).toMatch(/Start an agent of version \S+, or revert it by hand$/);
    await newer.stop();

    await start();
    expect((await phaseIs('reverted'))?.cause).toBe('restart');
  });

  test.each(['readSpecs', 'readStatus'] as const)('forgets nothing that it began when its first %s fails', async (broken) => {
    const dying = await start();
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await phaseIs('active');
    dying.abandon();
    agents = [];
    rmSync(join(folder, 'specs', `${spec.id}.json`));

    let failed = false;
    const failsOnce = <Args extends unknown[], Result>(read: (...args: Args) => Promise<Result>) => {
      return (...args: Args): Promise<Result> => {
        if (failed) return read(...args);
        failed = true;
        return Promise.reject(new AppError('upstream/unreachable', 'EIO'));
      };
    };
    const readSpecs = broken === 'readSpecs' ? failsOnce(store.readSpecs) : store.readSpecs;
    const readStatus = broken === 'readStatus' ? failsOnce(store.readStatus) : store.readStatus;
    await start({ store: { ...store, readSpecs, readStatus } });
    await phaseIs('reverted');
    expect([failed, file.inEffect()]).toEqual([true, false]);
  });

  test('hears of a revert while the store keeps it from taking up another injection', async () => {
    let asked = false;
    const never = (): Promise<null> => {
      asked = true;
      return new Promise(() => {});
    };
    await start({ store: { ...store, readStatus: (id) => (id === 'run-1-1-2' ? never() : store.readStatus(id)) } });
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await phaseIs('active');
    await store.writeSpec({ ...spec, id: 'run-1-1-2' });
    await until(
      () => asked,
      (yes) => yes,
    );
    await store.writePermit(permitOf({ revert: true }));
    expect(await phaseIs('reverted')).toMatchObject({ cause: 'asked' });
    // Whoever is still being taken up has no end: it is not waited for.
    agents.pop()?.abandon();
  });

  test('refuses an injection whose permit is damaged before it began, and touches nothing', async () => {
    writeFileSync(join(folder, 'permits', 'run-1.json'), '{');
    await start();
    await store.writeSpec(spec);

    expect((await phaseIs('refused'))?.error?.code).toBe('record/corrupt');
    await store.writePermit(permitOf());
    await store.writeSpec({ ...spec, id: 'run-1-1-2' });
    await until(
      async () => store.readStatus('run-1-1-2'),
      (status) => status !== null && !isCorrupt(status) && status.phase === 'active',
    );
    expect((await status())?.phase).toBe('refused');
  });

  test.each([
    ['host', 'in the state directory'],
    ['cluster', 'take the finalizer off injections.firedrill.dev/run-1-1-1'],
  ] as const)('of the %s never calls ended what it cannot undo, in whatever life, and says what to do', async (kind, advice) => {
    await store.writeSpec(spec);
    await store.writeStatus({ schemaVersion: 1, id: spec.id, runId: spec.runId, phase: 'active', undo: { path: file.path } });
    writeFileSync(join(folder, 'specs', `${spec.id}.json`), '{');
    for (let life = 1; life <= 2; life += 1) {
      const agent = await start({ kind });
      expect((await phaseIs('stuck'))?.error).toMatchObject({ code: 'record/corrupt', message: expect.stringContaining(advice) });
      await agent.stop();
    }
    expect((await status())?.phase).toBe('stuck');
  });

  test('that comes up injects nothing by a permit of a watcher that may be dead', async () => {
    spec = specOf({ fault: 'file', leaseSeconds: 1 });
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await start();
    expect(await phaseIs('reverted')).toMatchObject({ cause: 'lease' });
    expect(file.injects()).toBe(0);
  });

  test('that comes up injects as soon as the watcher is seen to live', async () => {
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await start();
    await phaseIs('armed');
    await store.writePermit(permitOf({ renewal: 2 }));
    await phaseIs('active');
  });

  test('leaves an injection alone that another agent has begun in the same moment', async () => {
    const { journal } = agentDependencies(folder, []);
    let asked = 0;
    const open: Journal['open'] = async (given, undo) => {
      await journal.open(given, { theirs: true });
      const begun = await journal.open(given, undo);
      asked += 1;
      return begun;
    };
    const { fault, prepared } = preparing();
    await start({ faults: [fault], journal: { ...journal, open } });
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await until(
      () => asked,
      (asked) => asked > 0,
    );
    // What its own prepare has started here ends all the same.
    await until(
      () => prepared()?.aborted,
      (aborted) => aborted === true,
    );
    await store.writePermit(permitOf({ revert: true }));
    await until(
      async () => (await store.readHeartbeats()).length,
      (beats) => beats > 0,
    );

    expect((await status())?.phase).not.toBe('refused');
    expect(claims()).toHaveLength(1);
    expect(file.injects()).toBe(0);
  });

  test('makes nothing worse in a frozen run, keeps it safe, and goes on when the freeze ends', async () => {
    const made = { hold: 0, adjust: 0 };
    const pulsed: Fault = {
      ...file.fault,
      effect: 'pulsed',
      hold: () => Promise.resolve(void (made.hold += 1)),
      adjust: () => Promise.resolve(void (made.adjust += 1)),
    };
    await start({ faults: [pulsed] });
    await store.writePermit(permitOf());
    await store.writeSpec(spec);
    await until(
      () => made.adjust,
      (adjust) => adjust > 0,
    );

    await store.writePermit(permitOf({ renewal: 2, freeze: true }));
    const frozenAt = { ...made };
    await until(
      () => made.hold,
      (hold) => hold >= frozenAt.hold + 3,
    );
    // One may have been under way when the freeze was written.
    expect(made.adjust).toBeLessThanOrEqual(frozenAt.adjust + 1);

    const before = made.adjust;
    await store.writePermit(permitOf({ renewal: 3 }));
    await until(
      () => made.adjust,
      (adjust) => adjust > before,
    );
  });

  test('injects nothing in a frozen run, whatever stage is released', async () => {
    await start();
    await store.writePermit(permitOf({ freeze: true }));
    await store.writeSpec(spec);
    await phaseIs('armed');
    await store.writePermit(permitOf({ renewal: 2, freeze: true }));
    expect(file.injects()).toBe(0);

    await store.writePermit(permitOf({ renewal: 3 }));
    await phaseIs('active');
  });
});
