import { cleanupOf } from '../../../src/domain/measure/outcome.ts';
import { dueFrom, isDue } from '../../../src/domain/injection/due.ts';
import { next } from '../../../src/domain/injection/next.ts';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import type { Phase } from '../../../src/domain/injection/records.ts';
import { mutators } from '../../../src/domain/injection/state.ts';
import { wallStart } from './world.ts';
import type { Life, World } from './world.ts';

const exposed: readonly (Phase | 'waiting')[] = ['armed', 'activating', 'active'];

/** Throws by its name when a step broke an invariant that no single effect shows; `called` in agent-life.ts holds the others. */
export function checkStep(before: World, move: string, after: World): void {
  after.lives.forEach((life, index) => checkLife(before, before.lives[index]!, move, life, after));
  const exposedLives = after.lives.filter(({ state }) => state !== null && exposed.includes(state.phase));
  if (exposedLives.length > 1) throw new Error('(7) one holder per claim: two are exposed');
  const ownStatuses = after.lives.map(({ status }) => status);
  const touched = after.lives.some((life) => inEffect(life) && life.traits.effect !== 'event');
  if (cleanupOf(ownStatuses) === 'clean' && touched) throw new Error('(8) clean means verified or untouched');
}

function checkLife(world: World, before: Life, move: string, life: Life, after: World): void {
  const { state, status } = life;
  const from = before.state?.phase ?? 'waiting';
  if (
    from !== 'waiting' &&
    isTerminal(from) &&
    state !== null &&
    (state.phase !== from || life.calls.length > before.calls.length)
  ) {
    throw new Error('(3) terminal phases absorb');
  }
  if (before.status !== null && isTerminal(before.status.phase) && status?.phase !== before.status.phase) {
    throw new Error('(3) terminal phases absorb: a final status was written over');
  }
  const bound = Math.min(life.bound, after.deadline);
  if (state !== null && exposed.includes(state.phase) && (after.now >= bound || life.halted)) {
    throw new Error(`(4) exposure is bounded: ${state.phase} beyond it`);
  }
  const gone = state?.phase === 'reverted' || state?.phase === 'lifted';
  if (gone && (inEffect(life) || (before.calls.length > 0 && life.calls.some(isMutating)))) {
    throw new Error(`(6) ${state?.phase} means absent after the last possible inject`);
  }
  const now = { mono: after.now, wall: wallStart + after.now };
  if (state !== null && !isDue(dueFrom(state), now)) {
    const ticked = next(state, { type: 'tick' }, now);
    if (ticked.state !== state || ticked.effects.length > 0) throw new Error('(13) before it is due a tick changes nothing');
  }
  const index = after.lives.indexOf(life);
  const freed = world.holder === index && after.holder !== index;
  if (freed && (status === null || !isTerminal(status.phase))) throw new Error('(7) one holder per claim: freed before the end');
  if (state?.phase === 'refused' && (life.injects > 0 || life.effect)) throw new Error('(8) refused means untouched');
  if (
    move.startsWith('old generation') &&
    before.state !== null &&
    before.state.permit !== null &&
    state !== null &&
    state.leaseUntil !== before.state.leaseUntil
  ) {
    throw new Error('(10) an old generation renews nothing');
  }
}

/** In effect, or about to be: a call that may still change the target has not settled. */
function inEffect(life: Life): boolean {
  return life.effect || life.calls.some(isMutating);
}

function isMutating({ operation }: Life['calls'][number]): boolean {
  return mutators.includes(operation);
}
