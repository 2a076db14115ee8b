import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Journal } from '../../src/ports/journal.ts';
import { specOf } from '../agent/records.ts';

export interface JournalUnderTest {
  /** Each call is another life of the agent. */
  open(): Journal;
  /** Tears off the end of what was written last, as a crash in the middle of a write does. */
  tear(id: string): Promise<void>;
  /** Makes the whole entry unreadable. */
  damage(id: string): Promise<void>;
  close(): Promise<void>;
}

/** What an agent relies on to revert what another life of it began. Every adapter's test calls it. */
export function journalContract(start: () => Promise<JournalUnderTest>): void {
  const spec = specOf();
  const { id } = spec;
  let under: JournalUnderTest;

  beforeEach(async () => {
    under = await start();
  });
  afterEach(() => under.close());

  test('an entry is read by the next life, with every later piece of undo laid over it', async () => {
    const journal = under.open();
    expect(await journal.open(spec, { was: 1, list: [1] })).toBe(true);
    await journal.append(id, { kills: 1 });
    await journal.append(id, { kills: 2, last: { pid: 7 } });
    const next = under.open();
    expect(await next.read(id)).toEqual({ id, spec, undo: { was: 1, list: [1], kills: 2, last: { pid: 7 } } });
    expect(await next.ids()).toEqual([id]);
  });

  test('nothing is in it that was never begun', async () => {
    expect(await under.open().read(id)).toBeNull();
    expect(await under.open().ids()).toEqual([]);
  });

  test('exactly one of many begins an injection', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => under.open().open(spec, { index })));
    expect(answers.filter((begun) => begun)).toHaveLength(1);
    expect(await under.open().read(id)).toMatchObject({ undo: { index: answers.indexOf(true) } });
  });

  test('a piece that a crash tore off takes nothing with it, and what follows is kept', async () => {
    const journal = under.open();
    await journal.open(spec, { was: 1 });
    await journal.append(id, { torn: true });
    await under.tear(id);
    expect(await under.open().read(id)).toEqual({ id, spec, undo: { was: 1 } });
    await under.open().append(id, { kept: true });
    expect(await under.open().read(id)).toEqual({ id, spec, undo: { was: 1, kept: true } });
  });

  test('an entry that cannot be understood is corrupt and not missing, and is begun by nobody', async () => {
    await under.open().open(spec, { was: 1 });
    await under.damage(id);
    expect(await under.open().read(id)).toMatchObject({ corrupt: true, id });
    expect(await under.open().open(spec, { was: 2 })).toBe(false);
  });
}
