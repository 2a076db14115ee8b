import { isReverting } from '../../../src/domain/injection/ends.ts';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import type { CallResult, Operation } from '../../../src/domain/injection/state.ts';
import { send } from './agent-life.ts';
import { labelOf, mishap } from './move.ts';
import type { Move } from './move.ts';
import { changed, lifeOf } from './world.ts';
import type { Life, World } from './world.ts';

/** How calls of the fault settle. The worst failures have changed the target all the same. */
export function callsOf(world: World, index: number): Move[] {
  const { calls, state, effect, traits } = lifeOf(world, index);
  const label = labelOf(world, index);
  return calls.flatMap(({ call, operation }) => {
    const error = { code: 'fault/inject-failed', message: 'failed' };
    const settled = (w: World, after: boolean): World =>
      changed(w, index, { effect: after, calls: lifeOf(w, index).calls.filter((other) => other.call !== call) });
    const done = (w: World): World => send(w, index, { type: 'done', call, result: resultOf(operation, lifeOf(w, index)) });
    const failed = (w: World): World => send(w, index, { type: 'failed', call, error });
    const after = effectAfter(operation, effect);
    const found: Move[] = [{ name: `${operation} ends${label}`, apply: (w) => done(settled(w, after)) }];
    const aborted = state !== null && (isReverting(state) || isTerminal(state.phase as 'reverted'));
    // One that obeys its signal is no mishap.
    if (aborted && operation !== 'revert' && operation !== 'verify-reverted') {
      found.push({ name: `${operation} obeys${label}`, apply: (w) => failed(settled(w, effect)) });
    }
    if (world.mishaps === 0) return found;
    found.push({
      name: `${operation} fails${label}`,
      apply: (w) => failed(settled(mishap(w), operation === 'revert' ? effect : after)),
    });
    if (state?.call?.number === call) {
      found.push({ name: `${operation} overdue${label}`, apply: (w) => send(mishap(w), index, { type: 'overdue', call }) });
    }
    if (operation === 'revert' && effect && traits.effect !== 'event') {
      found.push({ name: `revert in vain${label}`, apply: (w) => done(settled(mishap(w), true)) });
    }
    return found;
  });
}

function effectAfter(operation: Operation, effect: boolean): boolean {
  if (operation === 'inject' || operation === 'hold' || operation === 'adjust') return true;
  return operation === 'revert' ? false : effect;
}

function resultOf(operation: Operation, { effect, traits }: Life): CallResult {
  // What an event did stays: there is nothing to read back.
  const present = operation === 'verify-reverted' ? effect && traits.effect !== 'event' : effect;
  const read = { present, summary: 'read', data: {} };
  if (operation === 'prepare') return { operation, undo: { was: 1 } };
  return operation === 'verify' || operation === 'verify-reverted' ? { operation, read, askedAt: 0 } : { operation };
}
