import { describe, expect, test } from '@jest/globals';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import type { FaultTraits } from '../../../src/domain/injection/state.ts';
import { moves, send, startOf } from './model.ts';
import type { Model } from './model.ts';

const depth = 6;
const undisturbed = ['renew', 'claimed', 'prepare ends', 'undo stored', 'arm ends', 'verify ends', 'inject ends', 'verify ends'];

/** Throws when a state breaks an invariant (the numbers are those of the architecture, section 5). */
function check(before: Model, move: string, after: Model): void {
  const { state } = after;
  const ended = state.phase !== 'waiting' && isTerminal(state.phase);
  const wasEnded = before.state.phase !== 'waiting' && isTerminal(before.state.phase);
  if (wasEnded && (state.phase !== before.state.phase || after.calls.length > before.calls.length)) {
    throw new Error(`(3) ${move} moved a terminal phase`);
  }
  const exposed = ['armed', 'activating', 'active'].includes(state.phase);
  if (exposed && (after.now >= state.leaseUntil || after.now >= state.deadline || after.halted)) {
    throw new Error(`(4) ${state.phase} after it lapsed`);
  }
  const mutating = after.calls.some(({ operation }) => ['arm', 'inject', 'hold'].includes(operation));
  if ((state.phase === 'reverted' || state.phase === 'lifted') && (after.effect || mutating)) {
    throw new Error(`(6) ${state.phase} while the effect is there or may still come`);
  }
  if (state.phase === 'refused' && (after.effect || after.injects > 0)) throw new Error('(8) refused, but touched');
  if (move === 'old generation' && before.state.permit?.generation === 2 && state.leaseUntil !== before.state.leaseUntil) {
    throw new Error('(10) an old generation moved the lease');
  }
  if (ended && !wasEnded && after.claimed) throw new Error('(7) ended with claims held');
}

function step(model: Model, name: string): Model {
  const move = moves(model).find((move) => move.name === name);
  if (move === undefined) throw new Error(`no move "${name}" in ${model.state.phase}`);
  return move.apply(model);
}

/** (12) All calls settle well and time goes on: it must end. */
function endsFairly(start: Model): boolean {
  let model = start;
  for (let i = 0; i < 60; i += 1) {
    if (model.state.phase !== 'waiting' && isTerminal(model.state.phase)) return true;
    const names = moves(model).map(({ name }) => name);
    const name = names.find((name) => name.endsWith(' ends') || name === 'claimed' || name === 'undo stored') ?? 'wait';
    model = step(model, name);
  }
  return false;
}

function explore(start: Model): number {
  const seen = new Set<string>();
  let frontier: readonly { model: Model; path: readonly string[] }[] = [{ model: start, path: [] }];
  for (let level = 0; level < depth; level += 1) {
    const found: { model: Model; path: readonly string[] }[] = [];
    for (const { model, path } of frontier) {
      for (const { name, apply } of moves(model)) {
        const steps = [...path, name];
        try {
          const after = apply(model);
          check(model, name, after);
          const key = JSON.stringify(after);
          if (seen.has(key)) continue;
          seen.add(key);
          if (!endsFairly(after)) throw new Error('(12) a fair schedule does not end');
          found.push({ model: after, path: steps });
        } catch (error) {
          throw new Error(`${(error as Error).message} after: ${steps.join(', ')}`, { cause: error });
        }
      }
    }
    frontier = found;
  }
  return seen.size;
}

const kinds: readonly Partial<FaultTraits>[] = [{}, { effect: 'event', holds: false }, { effect: 'pulsed' }];

describe.each(kinds)('every interleaving of an injection with %j', (traits) => {
  const path = undisturbed;
  test.each([...path.keys(), path.length])('keeps the invariants from step %i of an undisturbed life on', (done) => {
    const start = path.slice(0, done).reduce(step, startOf(traits));
    expect(explore(start)).toBeGreaterThan(20);
  });
});

describe('an injection while its revert is under way', () => {
  test.each([
    ['an inject that never obeyed', 6, ['asked', 'wait', 'revert ends']],
    ['a hold that is still running', 8, ['wait', 'renew', 'wait', 'asked', 'wait']],
    ['a revert that failed', 8, ['asked', 'revert fails']],
  ])('keeps the invariants with %s', (_what, done, then) => {
    const start = [...undisturbed.slice(0, done), ...then].reduce(step, startOf());
    expect(explore(start)).toBeGreaterThan(20);
  });

  test('is revived by nothing after a halt was lifted', () => {
    const halted = [...undisturbed.slice(0, 6), 'halt'].reduce(step, startOf());
    const lifted = send(halted, { type: 'tick' });
    expect(['reverting', 'reverted']).toContain(lifted.state.phase);
  });
});
