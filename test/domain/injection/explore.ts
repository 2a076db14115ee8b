import { isReverting } from '../../../src/domain/injection/ends.ts';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import type { InjectionStatus, Phase } from '../../../src/domain/injection/records.ts';
import type { InjectionState } from '../../../src/domain/injection/state.ts';
import { timings } from '../../../src/domain/injection/timings.ts';
import { checkStep } from './invariants.ts';
import { moves } from './moves.ts';
import type { Life, World } from './world.ts';

export interface Explored {
  readonly worlds: number;
  readonly phases: ReadonlySet<Phase | 'waiting'>;
}

/** Breadth first over every reachable world, each once. Throws with the shortest way to a broken invariant. */
export function explore(start: World, limit = 60_000): Explored {
  const seen = new Map<string, { readonly from: string | null; readonly by: string }>();
  const phases = new Set<Phase | 'waiting'>();
  const endings = new Map<string, boolean>();
  const path = (key: string | null): string[] => {
    const step = key === null ? undefined : seen.get(key);
    return step === undefined ? [] : [...path(step.from), step.by];
  };
  let frontier: { readonly world: World; readonly key: string }[] = [{ world: start, key: keyOf(start) }];
  seen.set(keyOf(start), { from: null, by: 'start' });
  while (frontier.length > 0) {
    const found: typeof frontier = [];
    for (const { world, key } of frontier) {
      try {
        if (!endsFairly(world, key, endings)) throw new Error('(12) every fair schedule ends');
      } catch (error) {
        throw explained(error, path(key));
      }
      for (const { state, status } of world.lives) {
        if (state !== null) phases.add(state.phase);
        if (status !== null) phases.add(status.phase);
      }
      for (const { name, apply } of moves(world)) {
        try {
          const after = apply(world);
          checkStep(world, name, after);
          const next = keyOf(after);
          if (seen.has(next)) continue;
          seen.set(next, { from: key, by: name });
          found.push({ world: after, key: next });
        } catch (error) {
          throw explained(error, [...path(key), name]);
        }
      }
      if (seen.size > limit) throw new Error(`more than ${limit} worlds; the model is not finite enough`);
    }
    frontier = found;
  }
  return { worlds: seen.size, phases };
}

/** Every call and answer comes, time goes on, nothing goes wrong any more: then everything ends. */
function endsFairly(start: World, startKey: string, known: Map<string, boolean>): boolean {
  let world = start;
  let key = startKey;
  const passed: string[] = [];
  let ends = known.get(key);
  while (ends === undefined) {
    passed.push(key);
    known.set(key, false);
    if (world.lives.every(({ status, state }) => state === null && status !== null && isTerminal(status.phase))) {
      ends = true;
      break;
    }
    world = moves(world)[0]!.apply(world);
    key = keyOf(world);
    ends = known.get(key);
  }
  for (const one of passed) known.set(one, ends);
  return ends;
}

function explained(error: unknown, path: readonly string[]): Error {
  return new Error(`${(error as Error).message} after: ${path.join(', ')}`, { cause: error });
}

/**
 * Equal for worlds that can go on in the same ways: times count from now, numbers of calls do not matter, nor does what only
 * an injection that may still begin looks at.
 */
function keyOf(world: World): string {
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
    state.permit && [state.permit.generation, state.permit.releasedStage, state.permit.freeze],
    state.armed,
    state.probed,
    state.nextCall === 1,
    since(state.verifyAt),
    state.traits.holds && since(state.holdAt),
    state.traits.adjusts && since(state.adjustAt),
    state.phase === 'activating' && since(state.verifyUntil),
    state.absentReads,
  ];
}
