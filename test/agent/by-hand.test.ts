import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createAgent } from '../../src/agent/agent.ts';
import type { Agent } from '../../src/agent/agent.ts';
import { confirmByHand, questionsNow } from '../../src/app/by-hand.ts';
import type { ConfirmationWord } from '../../src/domain/injection/confirmation.ts';
import type { InjectionStatus, Phase } from '../../src/domain/injection/records.ts';
import { manual } from '../../src/faults/manual.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import { agentDependencies, openPolicy } from './dependencies.ts';
import { permitOf, specOf } from './records.ts';
import { until } from './until.ts';

let folder: string;
let store: InjectionStore;
let agents: Agent[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'by-hand-'));
  store = agentDependencies(folder, []).store;
  agents = [];
});

afterEach(async () => {
  agents.forEach((agent) => agent.abandon());
  rmSync(folder, { recursive: true, force: true });
});

const id = 'run-1-1-1';
const at = '2026-01-01T12:00:00.000Z';
const byHand = (changes: Parameters<typeof specOf>[0] = {}) =>
  specOf({
    fault: 'manual',
    target: { kind: 'link', service: 'payments', name: 'uplink', uid: 'uplink', locator: {} },
    params: { instruction: 'Pull the cable', revertInstruction: 'Plug it in', within: '15s' },
    leaseSeconds: 60,
    ...changes,
  });

async function start(): Promise<Agent> {
  const agent = createAgent({ ...agentDependencies(folder, [manual]), policy: { ...openPolicy, allowFaults: ['manual'] } });
  agents.push(agent);
  await agent.start();
  return agent;
}

async function status(): Promise<InjectionStatus | null> {
  const read = await store.readStatus(id);
  return read === null || isCorrupt(read) ? null : read;
}
const phaseIs = (phase: Phase, withinMs?: number) => until(status, (status) => status?.phase === phase, withinMs);
const isAsked = () => until(status, (status) => status?.phase === 'activating' && status.activeAt !== undefined);
const question = async () => questionsNow(await store.readSpecs(), await store.readStatuses()).get(id);
const confirm = (word: ConfirmationWord, by = 'ann', of = 'run-1') => confirmByHand(store, { of, word, by, at });

async function asked(): Promise<void> {
  await start();
  await store.writePermit(permitOf());
  await store.writeSpec(byHand());
  await isAsked();
}

describe('an injection by hand', () => {
  test('asks, is there from the word of a person on, and gone from their second word on', async () => {
    await asked();
    expect(await question()).toBe(`within 15 s do "Pull the cable", then \`firedrill confirm ${id} injected --as NAME\``);
    await confirm('injected');
    await phaseIs('active');
    expect(await question()).toBeUndefined();
    await store.writePermit(permitOf({ renewal: 2, revert: true }));
    await phaseIs('reverting');
    expect(await question()).toBe(`now do "Plug it in", then \`firedrill confirm ${id} reverted --as NAME\``);
    await confirm('reverted', 'bob');
    const ended = await phaseIs('reverted');
    expect(ended).toMatchObject({
      evidence: { summary: 'ann confirms that it is done', data: { confirmedBy: 'ann' } },
      revertEvidence: { summary: 'bob confirms that it is undone', data: { confirmedBy: 'bob' } },
    });
    // The question is the last time at which nobody had done it.
    expect(Date.parse(ended?.lastAbsentAt ?? '')).toBeLessThanOrEqual(Date.parse(ended?.verifiedAt ?? ''));
  });

  test('is stuck, and says who must do what, until somebody confirms that it is gone: also in the next life of its agent', async () => {
    await asked();
    await confirm('injected');
    await phaseIs('active');
    agents[0]?.abandon();
    await start();
    const stuck = await phaseIs('stuck', 40_000);
    expect(stuck?.error?.message).toContain('nobody has confirmed that it is undone. Do "Plug it in", then');
    await confirm('reverted');
    await phaseIs('reverted');
  }, 60_000);

  test('that nobody has confirmed in time may have been done: it asks for the way back, and is not gone by itself', async () => {
    await asked();
    const given = await until(status, (status) => status?.phase === 'reverting', 20_000);
    expect(given).toMatchObject({ cause: 'inject-failed' });
    expect(given?.error?.message).toContain('nobody has confirmed within 15 s that it was done');
    expect(await question()).toContain('now do "Plug it in"');
    await confirm('reverted');
    await phaseIs('reverted');
  }, 40_000);

  test.each<[string, () => Promise<void>]>([
    ['a halt', () => store.writeHalt({ by: 'eve', why: 'stop', at })],
    ['the permit that says revert', () => store.writePermit(permitOf({ renewal: 2, revert: true }))],
  ])('is asked back at once by %s, also while it waits to be done', async (_, end) => {
    await asked();
    await end();
    await phaseIs('reverting', 2_000);
    await expect(confirm('injected')).rejects.toMatchObject({ code: 'guard/blocked' });
    await confirm('reverted');
    await phaseIs('reverted');
  });

  test('that a person undoes before its time is lifted, by their word', async () => {
    await asked();
    await confirm('injected');
    await phaseIs('active');
    await confirm('reverted');
    expect(await phaseIs('lifted')).toMatchObject({ cause: 'responder' });
  });

  test('that was never asked for has nothing to confirm, and ends by itself', async () => {
    await start();
    await store.writePermit(permitOf({ releasedStage: 0 }));
    await store.writeSpec(byHand());
    await phaseIs('armed');
    for (const word of ['injected', 'reverted'] as const) {
      await expect(confirm(word)).rejects.toMatchObject({ code: 'guard/blocked' });
    }
    await store.writePermit(permitOf({ renewal: 2, releasedStage: 0, revert: true }));
    expect((await phaseIs('reverted'))?.revertEvidence).toMatchObject({ summary: 'nobody was asked to do anything' });
  });

  test('is not ended by a word that cannot be read', async () => {
    await asked();
    await confirm('injected');
    await phaseIs('active');
    writeFileSync(join(folder, 'confirmed-reverted', `${id}.json`), '');
    await store.writePermit(permitOf({ renewal: 2, revert: true }));
    const given = await until(status, (status) => status?.error !== undefined);
    expect(given?.phase).not.toBe('reverted');
    expect(given?.error?.code).toBe('record/corrupt');
    expect(given?.error?.message).toContain('confirm again');
    rmSync(join(folder, 'confirmed-reverted', `${id}.json`));
    await confirm('reverted');
    await phaseIs('reverted');
  });
});

describe('the word of a person', () => {
  test('is said once: another who comes later is told who was first', async () => {
    await asked();
    await confirm('injected');
    await expect(confirm('injected')).resolves.toMatchObject({ by: 'ann' });
    await expect(confirm('injected', 'bob')).rejects.toThrow(/ann has confirmed at .* and that stays/);
  });

  test('is of one injection: where several wait it must name one', async () => {
    await start();
    await store.writePermit(permitOf());
    const second = { kind: 'link', service: 'payments', name: 'other', uid: 'other', locator: {} } as const;
    await store.writeSpec(byHand());
    await store.writeSpec(byHand({ id: 'run-1-1-2', target: second }));
    const questions = async () => questionsNow(await store.readSpecs(), await store.readStatuses()).size;
    await until(questions, (count) => count === 2);
    await expect(confirm('injected')).rejects.toThrow(/Name one: .*run-1-1-1/);
    expect(await confirm('injected', 'ann', 'run-1-1-2')).toMatchObject({ id: 'run-1-1-2' });
    await until(questions, (count) => count === 1);
    expect(await confirm('injected', 'ann')).toMatchObject({ id });
  });

  test('is of nothing that an agent does, and of no run that is not there', async () => {
    await store.writeSpec(specOf());
    await store.writeStatus({ schemaVersion: 1, id, runId: 'run-1', phase: 'active' });
    for (const name of ['run-1', 'run-9']) {
      await expect(confirm('reverted', 'ann', name)).rejects.toMatchObject({ code: 'run/not-found' });
    }
  });

  test('ends what was made by hand also when its spec is gone', async () => {
    await asked();
    rmSync(join(folder, 'specs', `${id}.json`));
    await phaseIs('reverting');
    await confirm('reverted');
    await phaseIs('reverted');
  });
});
