import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Confirmation, ConfirmationWord } from '../../src/domain/injection/confirmation.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { disrupts } from '../../src/faults/fault.ts';
import { manual } from '../../src/faults/manual.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { willingPerson } from './subjects/person.ts';

const texts = { instruction: 'Pull the cable', revertInstruction: 'Plug it in' };

faultContract('manual', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-manual-'));
  const file = join(directory, 'broken');
  return {
    target: { kind: 'link', service: 'shop', name: 'uplink', uid: directory, locator: {} },
    params: { ...texts, within: '15s' },
    lent: { confirmation: willingPerson(file) },
    broken: async () => existsSync(file),
    dispose: () => rm(directory, { recursive: true }),
  };
});

describe('manual', () => {
  const target: TargetRef = { kind: 'link', service: 'shop', name: 'uplink', uid: 'uplink', locator: {} };
  const asked = { revertInstruction: texts.revertInstruction, asked: true };
  /** Shorter than a person may write. */
  const params = { ...texts, withinMs: 300 };
  const word = (word: ConfirmationWord): Confirmation => ({
    schemaVersion: 1,
    id: 'm-1-1',
    word,
    by: 'ann',
    at: '2026-01-01T12:00:00.000Z',
  });
  const saying = (...said: ConfirmationWord[]) =>
    createContext('m-1-1', {}, { confirmation: async (asked) => (said.includes(asked) ? word(asked) : null) });

  test('asks in its journal, durably, and changes nothing else', async () => {
    const context = saying();
    await manual.inject(context, target, params, { ...asked, asked: false });
    expect(context.journaled).toEqual([{ asked: true }]);
  });

  test('an effect that nobody has confirmed in time is not there, and is never called absent', async () => {
    await expect(manual.verify(saying(), target, params, asked)).rejects.toMatchObject({
      code: 'fault/not-verified',
      message: 'nobody has confirmed within 0.3 s that it was done',
    });
  });

  test('the word of a person is the evidence, and says whose it is', async () => {
    expect(await manual.verify(saying('injected'), target, params, asked)).toEqual({
      present: true,
      summary: 'ann confirms that it is done',
      data: { confirmedBy: 'ann', confirmedAt: '2026-01-01T12:00:00.000Z' },
    });
    expect(await manual.verifyReverted(saying('reverted'), target, asked)).toEqual({
      present: false,
      summary: 'ann confirms that it is undone',
      data: { confirmedBy: 'ann', confirmedAt: '2026-01-01T12:00:00.000Z' },
    });
  });

  test('what a person has undone before its time is gone', async () => {
    expect(await manual.verify(saying('injected', 'reverted'), target, params, asked)).toMatchObject({ present: false });
  });

  test('is there until somebody confirms that it is not, and says who must do what', async () => {
    expect(await manual.verifyReverted(saying('injected'), target, asked)).toEqual({
      present: true,
      summary: 'nobody has confirmed that it is undone. Do "Plug it in", then `firedrill confirm m-1-1 reverted --as NAME`',
      data: {},
    });
  });

  test('what was not asked for needs nobody to undo it', async () => {
    expect(await manual.verifyReverted(saying(), target, { ...asked, asked: false })).toMatchObject({ present: false });
    expect(await manual.verify(saying(), target, params, { ...asked, asked: false })).toMatchObject({ present: false });
  });

  test('a wait that is stopped ends at once', async () => {
    const context = saying();
    const waiting = manual.verify(context, target, { ...params, withinMs: 60_000 }, asked);
    context.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
  });

  test('says how long a person may take, so that the agent waits for the whole of it', () => {
    const long = manual.params.parse({ ...texts, within: '10m' });
    expect(manual.patienceMs?.('verify', long)).toBe(600_000);
    expect(manual.byHand?.(long)).toEqual({ ...texts, withinSeconds: 600 });
  });

  test.each([
    ['too little time for anybody', { ...texts, within: '5s' }],
    ['no way back', { instruction: 'Pull the cable', within: '1m' }],
    ['nothing to do', { ...texts, instruction: ' ', within: '1m' }],
  ])('is refused with %s', (_, given) => {
    expect(manual.params.safeParse(given).success).toBe(false);
  });

  test('counts against disruption budgets, for nobody knows what a person does', () => {
    expect(disrupts(manual, params)).toBe(true);
  });
});
