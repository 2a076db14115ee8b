import { isTerminal } from '../../../src/domain/injection/records.ts';
import type { Phase } from '../../../src/domain/injection/records.ts';
import { checkStep } from './invariants.ts';
import { moves } from './moves.ts';
import { keyOf } from './world-key.ts';
import type { World } from './world.ts';

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
