import { describe, expect, test } from '@jest/globals';
import { resume } from '../../../src/domain/injection/begin.ts';
import { dueFrom, isDue } from '../../../src/domain/injection/due.ts';
import { next } from '../../../src/domain/injection/next.ts';
import type { InjectionEvent, InjectionState, ReadBack } from '../../../src/domain/injection/state.ts';
import { permitOf } from '../../agent/records.ts';
import { send, worldOf } from './agent-life.ts';
import { moves } from './moves.ts';
import { changed, lease, lifeOf } from './world.ts';
import type { World } from './world.ts';

const arming = ['renew', 'claimed', 'prepare ends', 'undo stored', 'arm ends', 'verify ends'];
const activation = [...arming, 'release', 'inject ends', 'verify ends'];

function after(names: readonly string[], start: World = worldOf()): World {
  return names.reduce((world, name) => {
    const move = moves(world).find((move) => move.name === name);
    if (move === undefined) throw new Error(`no move "${name}" in ${stateOf(world).phase}`);
    return move.apply(world);
  }, start);
}
function stateOf(world: World): InjectionState {
  const { state } = lifeOf(world, 0);
  if (state === null) throw new Error('no agent has it');
  return state;
}
const active = (): World => after(activation);
/** Time goes on, and every look ends, for as long as it stays in that phase. */
function keepRenewing(phase: string, start: World): World {
  let world = start;
  while (stateOf(world).phase === phase) world = after(awaited(world).length > 0 ? ['verify ends'] : ['renew', 'wait'], world);
  return world;
}
const awaited = (world: World): readonly string[] => lifeOf(world, 0).calls.map(({ operation }) => operation);
const renewal = (world: World, readAt: number): InjectionState =>
  stateOf(send(world, 0, { type: 'permit', permit: permitOf({ generation: 2, renewal: 99 }), readAt }));

describe('an injection', () => {
  test('ends at its deadline however often its lease is renewed', () => {
    const world = keepRenewing('active', active());
    expect(stateOf(world)).toMatchObject({ phase: 'reverting', status: { cause: 'deadline' } });
  });

  test('believes no renewal that comes after its lease is over', () => {
    const now = lease + 100;
    expect(renewal({ ...active(), now }, now)).toMatchObject({ phase: 'reverting', status: { cause: 'lease' } });
  });

  test('is kept alive by a renewal of long ago no longer than by the one before, and no shorter', () => {
    const world = { ...active(), now: 500 };
    const { leaseUntil } = stateOf(world);
    expect(renewal(world, 500 - lease)).toMatchObject({ phase: 'active', leaseUntil });
    expect(renewal({ ...world, now: leaseUntil - 1 }, leaseUntil - 1 - lease)).toMatchObject({ phase: 'active', leaseUntil });
  });

  test('whose record somebody takes away is reverted, as if its run had asked, and one that was not begun is refused', () => {
    expect(stateOf(send(active(), 0, { type: 'withdrawn' }))).toMatchObject({ phase: 'reverting', status: { cause: 'asked' } });
    expect(stateOf(send(after(['renew']), 0, { type: 'withdrawn' }))).toMatchObject({ phase: 'refused' });
  });

  test('that has lapsed is asked by nothing that came meanwhile, not even by a claim that it got', () => {
    const claiming = { ...after(['renew']), now: lease };
    expect(stateOf(send(claiming, 0, { type: 'claimed' }))).toMatchObject({ phase: 'refused', claims: 'asked' });
  });

  test.each([
    ['its own clock', { mono: 3_600, wall: 0 }],
    ['the absolute one', { mono: 0, wall: Date.parse('2027-01-01T00:00:00.000Z') }],
  ])('ends when %s says that its deadline has come, whatever the other says', (_which, now) => {
    expect(next({ ...stateOf(active()), leaseUntil: 60_000 }, { type: 'tick' }, now).state.status.cause).toBe('deadline');
  });

  test('that is active rests until its next look, its lease or either of its deadlines, whichever comes first', () => {
    const state = stateOf(after(['renew', 'wait'], active()));
    const due = (changes: Partial<InjectionState>, mono: number, wall = 0): boolean =>
      isDue(dueFrom({ ...state, call: null, deadline: 9_000, leaseUntil: 9_000, verifyAt: 9_000, ...changes }), { mono, wall });
    expect(due({}, 8_999)).toBe(false);
    for (const first of ['deadline', 'leaseUntil', 'verifyAt'] as const) expect(due({ [first]: 10 }, 10)).toBe(true);
    expect(due({}, 0, state.deadlineAt)).toBe(true);
    const traits = { ...state.traits, holds: true, adjusts: true };
    expect(due({ traits, holdAt: 10, adjustAt: 9_000 }, 10)).toBe(true);
    expect(due({ traits, holdAt: 9_000, adjustAt: 10 }, 10)).toBe(true);
    expect(due({ call: { number: 1, operation: 'verify' }, verifyAt: 10 }, 10)).toBe(false);
  });

  test('is refused at once, untouched, when its store fails before it began', () => {
    const failed: InjectionEvent = { type: 'store-failed', error: { code: 'upstream/unreachable', message: 'disk full' } };
    for (const before of [after(['renew']), after(['renew', 'claimed', 'prepare ends'])]) {
      expect(stateOf(send(before, 0, failed))).toMatchObject({ phase: 'refused', status: { error: { message: 'disk full' } } });
    }
  });

  test('is refused at once, untouched, when it cannot be prepared', () => {
    expect(stateOf(after(['renew', 'claimed', 'prepare fails']))).toMatchObject({ phase: 'refused', undo: null });
  });

  test.each([
    ['arming it', [...arming.slice(0, 4), 'arm fails'], {}],
    ['injecting it, whatever it changed', [...arming, 'release', 'inject fails'], {}],
    ['keeping it true', [...activation, 'wait', 'hold fails'], { holds: true }],
    ['a pulse of it', [...activation, 'wait', 'adjust fails'], { adjusts: true }],
  ])('is reverted when %s fails', (_what, names, traits) => {
    expect(stateOf(after(names, worldOf({ traits })))).toMatchObject({ phase: 'reverting', status: { cause: 'inject-failed' } });
  });

  test('that took its effect back by itself is reverted by that, though it is absent twice: no responder did it', () => {
    const held = after([...activation, 'wait'], worldOf({ traits: { holds: true } }));
    const state = stateOf(held);
    const gaveBack = { operation: 'hold', gaveBack: 'the log is full' } as const;
    const given = send(held, 0, { type: 'done', call: state.call!.number, result: gaveBack });
    expect(stateOf(given)).toMatchObject({
      phase: 'reverting',
      status: { cause: 'guard', error: { message: expect.stringContaining('the log is full') as unknown } },
    });
    // What a helper gave back is told by the next looks: one alone may be a bad moment.
    const gone = { present: false, summary: 'gone', data: {} };
    const read = { ...gone, gaveBack: 'the container needed it' };
    const lookedAt = (before: InjectionState, read: ReadBack): InjectionState => {
      const result = { operation: 'verify', read, askedAt: 0 } as const;
      const looking: InjectionState = { ...before, call: { number: 9, operation: 'verify' }, unsettled: [] };
      return next(looking, { type: 'done', call: 9, result }, { mono: held.now, wall: held.now }).state;
    };
    const once = lookedAt(state, read);
    expect(once.phase).toBe('active');
    expect(lookedAt(lookedAt(once, { ...gone, present: true }), gone).phase).toBe('active');
    expect(lookedAt(lookedAt(state, gone), gone)).toMatchObject({ phase: 'reverting', status: { cause: 'responder' } });
    for (const second of [read, gone])
      expect(lookedAt(once, second)).toMatchObject({ phase: 'reverting', status: { cause: 'guard' } });
  });

  test.each([
    ['fails', { type: 'failed', call: 9, error: { code: 'upstream/unreachable', message: 'not measured' } }],
    ['does not answer', { type: 'overdue', call: 9 }],
  ] as const)('is not taken for gone by a look that %s, however often', (_what, event) => {
    const held = active();
    let state = stateOf(held);
    for (let looks = 0; looks < 5; looks += 1) {
      const looking: InjectionState = { ...state, call: { number: 9, operation: 'verify' } };
      ({ state } = next(looking, event, { mono: held.now, wall: held.now }));
    }
    expect(state).toMatchObject({ phase: 'active', absentReads: 0 });
  });

  test('whose stage is taken back is reverted as if its run had asked, and not by a permit of before', () => {
    expect(stateOf(after(['withdraw'], active()))).toMatchObject({ phase: 'reverting', status: { cause: 'asked' } });
    const { permit } = lifeOf(active(), 0);
    const old = { ...permit!, releasedStage: 0 };
    expect(stateOf(send(active(), 0, { type: 'permit', permit: old, readAt: 0 })).phase).toBe('active');
    expect(stateOf(after(arming)).phase).toBe('armed');
  });

  test('is stuck after five failed reverts, goes on trying, and ends when one works', () => {
    let world = after([...activation, 'asked'], worldOf({ mishaps: 5 }));
    for (let failure = 1; failure <= 5; failure += 1) {
      expect(stateOf(world).phase).toBe('reverting');
      world = after(['revert fails'], world);
      while (awaited(world).length === 0) world = after(['wait'], world);
    }
    expect(stateOf(world).phase).toBe('stuck');
    expect(stateOf(after(['revert ends', 'verify-reverted ends'], world)).phase).toBe('reverted');
  });

  test('stops what is under way before it does anything else', () => {
    const injecting = stateOf(after([...arming, 'release']));
    const arriving = stateOf(after(['renew', 'claimed']));
    for (const state of [injecting, arriving]) {
      expect(next(state, { type: 'halt' }, { mono: 1, wall: 1 }).effects[0]).toEqual({ type: 'abort' });
    }
  });

  test('that another life began to revert keeps the cause it had, and the time at which it began', () => {
    const { spec } = lifeOf(worldOf(), 0);
    const began = { revertStartedAt: '2026-01-01T00:00:00.000Z', cause: 'responder' } as const;
    const status = { schemaVersion: 1, id: spec.id, runId: spec.runId, phase: 'reverting', ...began } as const;
    const resumed = resume({ spec, status, undo: { was: 1 }, cause: 'restart' }, { mono: 0, wall: 5 });
    expect(resumed).toMatchObject({ phase: 'reverting', undo: { was: 1 }, status: began });
  });

  test('is reverted only when a read-back after the revert saw nothing', () => {
    const reverted = after(['asked', 'revert ends'], active());
    expect(stateOf(reverted).phase).toBe('reverting');
    expect(awaited(reverted)).toEqual(['verify-reverted']);
    expect(stateOf(after(['verify-reverted ends'], changed(reverted, 0, { effect: true }))).phase).toBe('reverting');
    expect(stateOf(after(['verify-reverted ends'], reverted)).phase).toBe('reverted');
  });

  test('is reverted again when an inject that would not stop ends beside the revert', () => {
    const beside = after([...arming, 'release', 'asked', 'wait']);
    expect(awaited(beside)).toEqual(['inject', 'revert']);
    expect(awaited(after(['inject ends', 'revert ends'], beside))).toEqual(['revert']);
  });

  test('waits for an inject that is being stopped before it reverts, but not for long', () => {
    const stopping = after([...arming, 'release', 'asked']);
    expect(awaited(stopping)).toEqual(['inject']);
    expect(awaited(after(['inject obeys'], stopping))).toEqual(['revert']);
    expect(awaited(after(['wait'], stopping))).toEqual(['inject', 'revert']);
  });

  test('ends as not injected when its effect is never seen', () => {
    const begun = after([...arming, 'release', 'inject ends'], worldOf({ lasts: 60_000 }));
    const world = keepRenewing('activating', changed(begun, 0, { effect: false }));
    expect(stateOf(world)).toMatchObject({
      phase: 'reverting',
      status: {
        cause: 'inject-failed',
        error: { code: 'fault/not-verified', message: expect.stringContaining('the last look: ') },
      },
    });
  });

  test('is refused at once, untouched, when its permit cannot be read before it began: it may have said revert', () => {
    const damaged: InjectionEvent = { type: 'corrupt', problem: 'permits/run-1.json: not JSON' };
    for (const before of [worldOf(), after(['renew']), after(['renew', 'claimed'])]) {
      const refused = send(before, 0, damaged);
      expect(stateOf(refused)).toMatchObject({ phase: 'refused', status: { error: { code: 'record/corrupt' } } });
      expect(stateOf(send(refused, 0, { type: 'permit', permit: permitOf(), readAt: 0 })).phase).toBe('refused');
    }
  });

  test('is armed, and not injected, while its run is frozen', () => {
    const read = (world: World, freeze: boolean): World => {
      const permit = permitOf({ generation: 2, renewal: 9, freeze });
      return send(changed(world, 0, { permit }), 0, { type: 'permit', permit, readAt: 0 });
    };
    const armed = read(after(arming), true);
    expect([stateOf(armed).phase, awaited(armed)]).toEqual(['armed', []]);
    expect(awaited(read(armed, false))).toEqual(['inject']);
  });

  test('is moved by nothing once it has ended', () => {
    const ended = after(['asked', 'revert ends', 'verify-reverted ends'], active());
    const state = stateOf(ended);
    const events: InjectionEvent[] = [
      { type: 'tick' },
      { type: 'halt' },
      { type: 'shutdown' },
      { type: 'corrupt', problem: 'damaged' },
      { type: 'permit', permit: permitOf({ generation: 3, renewal: 3 }), readAt: 0 },
      { type: 'undo-grew', delta: { more: 1 } },
      { type: 'failed', call: 99, error: { code: 'x', message: 'x' } },
    ];
    for (const event of events)
      expect([event.type, next(state, event, { mono: 0, wall: 0 })]).toEqual([event.type, { state, effects: [] }]);
  });
});
