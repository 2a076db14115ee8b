import { describe, expect, test } from '@jest/globals';
import { next } from '../../../src/domain/injection/next.ts';
import { permitOf } from '../../agent/records.ts';
import { moves, send, startOf } from './model.ts';
import type { Model } from './model.ts';

const activation = ['renew', 'claimed', 'prepare ends', 'undo stored', 'arm ends', 'verify ends', 'inject ends', 'verify ends'];

function after(names: readonly string[], start: Model = startOf({ holds: false })): Model {
  return names.reduce((model, name) => {
    const move = moves(model).find((move) => move.name === name);
    if (move === undefined) throw new Error(`no move "${name}" in ${model.state.phase}`);
    return move.apply(model);
  }, start);
}
const active = (): Model => after(activation);
const awaited = ({ calls }: Model): readonly string[] => calls.map(({ operation }) => operation);
const renewal = (model: Model, readAt: number): Model =>
  send(model, { type: 'permit', permit: permitOf({ generation: 2, renewal: 99 }), readAt });

describe('an injection', () => {
  test('ends at its deadline however often its lease is renewed', () => {
    const { state } = after(['renew', 'wait', 'renew', 'wait', 'renew', 'wait', 'renew', 'wait', 'renew', 'wait'], active());
    expect(state).toMatchObject({ phase: 'reverting', status: { cause: 'deadline' } });
  });

  test('believes no renewal that comes after its lease is over', () => {
    const { state } = renewal({ ...active(), now: 1_100 }, 1_100);
    expect(state).toMatchObject({ phase: 'reverting', status: { cause: 'lease' } });
  });

  test('ends at once when a renewal was read too long ago to keep it alive', () => {
    const { state } = renewal({ ...active(), now: 500 }, -600);
    expect(state).toMatchObject({ phase: 'reverting', status: { cause: 'lease' } });
  });

  test('is reverted only when a read-back after the revert saw nothing', () => {
    const reverted = after(['asked', 'revert ends'], active());
    expect(reverted.state.phase).toBe('reverting');
    expect(awaited(reverted)).toEqual(['verify-reverted']);
    expect(after(['verify-reverted ends'], { ...reverted, effect: true }).state.phase).toBe('reverting');
    expect(after(['verify-reverted ends'], reverted).state.phase).toBe('reverted');
  });

  test('is reverted again when an inject that would not stop ends beside the revert', () => {
    const beside = after([...activation.slice(0, 6), 'asked', 'wait']);
    expect(awaited(beside)).toEqual(['inject', 'revert']);
    expect(awaited(after(['inject ends', 'revert ends'], beside))).toEqual(['revert']);
  });

  test('is moved by nothing once it has ended', () => {
    const ended = after(['asked', 'revert ends', 'verify-reverted ends'], active());
    for (const { name, apply } of moves(ended)) expect([name, apply(ended).state]).toEqual([name, ended.state]);
    expect(next(ended.state, { type: 'halt' }, { mono: 0, wall: 0 }).effects).toEqual([]);
  });
});
