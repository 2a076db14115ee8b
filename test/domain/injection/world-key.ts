import { isReverting } from '../../../src/domain/injection/ends.ts';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import type { InjectionStatus } from '../../../src/domain/injection/records.ts';
import type { InjectionState } from '../../../src/domain/injection/state.ts';
import { timings } from '../../../src/domain/injection/timings.ts';
import type { Life, World } from './world.ts';

/**
 * Equal for worlds that can go on in the same ways: times count from now, numbers of calls do not matter, nor does what only
 * an injection that may still begin looks at.
 */
export function keyOf(world: World): string {
  const since = (at: number): number => Math.max(0, at - world.now);
  const open = world.lives.some(isOpen);
  return JSON.stringify([
    world.agent,
    world.holder,
    world.mishaps,
    open && [world.halt, since(world.deadline)],
    world.lives.map((life) => lifeKey(life, world.now, since)),
  ]);
}

/** It may still begin, or is in effect. */
function isOpen({ state, status, journaled }: Life): boolean {
  if (state === null) return !journaled && !(status !== null && isTerminal(status.phase));
  return !isReverting(state) && !isEnded(state);
}

function isEnded({ phase }: InjectionState): boolean {
  return phase !== 'waiting' && isTerminal(phase);
}

function lifeKey(life: Life, now: number, since: (at: number) => number): unknown[] {
  const { state, calls, pending, permit, status } = life;
  return [
    life.effect,
    life.journaled,
    statusKey(status),
    isOpen(life) && permit && [permit.generation, permit.revert, permit.releasedStage, permit.freeze],
    [pending.claims, pending.undo, pending.release, statusKey(pending.status)],
    calls.map(({ call, operation }) => [
      operation,
      state?.call?.number === call,
      state === null || state.unsettled.includes(call),
    ]),
    [life.injects, life.reverted, life.halted],
    state && stateKey(state, now, since, life.bound),
  ];
}

/** What a later life of the agent makes of it. */
function statusKey(status: InjectionStatus | null): unknown {
  if (status === null) return null;
  return isTerminal(status.phase) ? status.phase : causeKey(status);
}

/** The causes that decide how a revert ends. */
function causeKey({ cause }: InjectionStatus): string {
  return cause === 'responder' || cause === 'deadline' ? cause : 'open';
}

function stateKey(state: InjectionState, now: number, since: (at: number) => number, bound: number): unknown[] {
  const known = [state.phase, causeKey(state.status), state.claims, state.undo === null, state.traits.effect];
  if (isEnded(state)) return known;
  if (isReverting(state)) {
    const under = now - state.revertSince;
    return [
      ...known,
      since(state.revertAt),
      under >= timings.stuckAfterMs ? 'late' : under >= timings.abortGraceMs ? 'graced' : under,
      Math.min(state.revertFailures, 6),
      state.readBacks,
      state.undisturbed,
      state.reverted,
    ];
  }
  return [
    ...known,
    since(state.leaseUntil),
    since(bound),
    state.watched,
    state.permit && [state.permit.generation, state.permit.releasedStage, state.permit.freeze],
    state.armed,
    state.probed,
    state.nextCall === 1,
    since(state.verifyAt),
    state.traits.holds && since(state.holdAt),
    state.traits.adjusts && since(state.adjustAt),
    state.phase === 'activating' && since(state.verifyUntil),
    state.absentReads,
    state.gaveBack,
  ];
}
