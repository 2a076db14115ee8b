import { adoptionOf } from '../../../src/domain/injection/adoption.ts';
import { begin, resume } from '../../../src/domain/injection/begin.ts';
import { refusedStatus } from '../../../src/domain/injection/ends.ts';
import { next } from '../../../src/domain/injection/next.ts';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import { mutators } from '../../../src/domain/injection/state.ts';
import type { InjectionEvent, Operation } from '../../../src/domain/injection/state.ts';
import { changed, lease, lifeOf, nothing, released, unbornWorld, wallStart } from './world.ts';
import type { Life, World } from './world.ts';

/** A world whose agent has just begun to live. */
export function worldOf(options: Parameters<typeof unbornWorld>[0] = {}): World {
  return live(unbornWorld(options));
}

/** A new life of the agent: it takes up what the records hold, by the agent's own rules. */
export function live(world: World): World {
  let after: World = { ...world, agent: 'alive' };
  world.lives.forEach((life, index) => {
    const { spec, status, journaled } = life;
    const journal = journaled ? { spec, undo: { was: 1 } } : null;
    const adoption = adoptionOf(spec.id, { spec, status, journal }, world.halt === 'set');
    const now = { mono: world.now, wall: wallStart + world.now };
    switch (adoption.kind) {
      case 'ended':
        after = released(after, index);
        break;
      case 'refuse':
        after = released(changed(after, index, { status: refusedStatus(spec, adoption.error) }), index);
        break;
      case 'revert': {
        const state = resume(adoption.left, now);
        // The driver writes its first status at once.
        const pending = { ...nothing, status: world.quiet ? null : state.status };
        after = send(changed(after, index, { state, pending }), index, { type: 'tick' });
        break;
      }
      case 'begin':
        after = changed(after, index, { state: begin(spec, life.traits, now, life.watched), bound: world.now + lease });
        after = readPermit(send(after, index, { type: 'tick' }), index);
        break;
      case 'unknown':
        throw new Error('nothing is damaged here');
    }
  });
  return after;
}

/** `performed`: what was under way when it died has happened all the same, in the worst order. */
export function die(world: World, performed: boolean): World {
  const lives = world.lives.map((life): Life => {
    const changing = life.calls.some(({ operation }) => mutators.includes(operation) && operation !== 'arm');
    const reverting = life.calls.some(({ operation }) => operation === 'revert');
    return {
      ...life,
      state: null,
      // Whoever comes next finds it there.
      watched: false,
      calls: [],
      pending: nothing,
      effect: performed ? changing || (life.effect && !reverting) : life.effect,
      journaled: life.journaled || (performed && life.pending.undo),
      // A halt that only a dead agent saw, of an injection that nobody had touched, left no trace.
      halted: life.halted && life.journaled,
      status: performed && life.pending.status !== null ? life.pending.status : life.status,
    };
  });
  const claiming = world.lives.findIndex(({ pending }) => pending.claims);
  const holder = performed && claiming >= 0 ? (world.holder ?? claiming) : world.holder;
  return { ...world, agent: 'dead', lives, holder };
}

export function readPermit(world: World, index: number, readAt = world.now): World {
  const { permit, state } = lifeOf(world, index);
  return state === null ? world : send(world, index, { type: 'permit', permit, readAt });
}

/** Hands one event to the reducer and lets its effects change the world. Throws when an effect breaks an invariant. */
export function send(world: World, index: number, event: InjectionEvent): World {
  const before = lifeOf(world, index);
  if (before.state === null) return world;
  const { state, effects } = next(before.state, event, { mono: world.now, wall: wallStart + world.now });
  let life: Life = { ...before, state };
  for (const effect of effects) {
    if (effect.type === 'take-claims') life = { ...life, pending: { ...life.pending, claims: true } };
    if (effect.type === 'store-undo') life = { ...life, pending: { ...life.pending, undo: true } };
    if (effect.type === 'write-status') {
      life = world.quiet ? { ...life, status: effect.status } : { ...life, pending: { ...life.pending, status: effect.status } };
    }
    if (effect.type === 'release-claims') life = { ...life, pending: { ...life.pending, release: true } };
    if (effect.type === 'call') life = called(world, index, life, effect);
  }
  // A look that nobody waits for any more changes nothing, whenever it ends.
  const awaited = state.call?.number;
  const calls = life.calls.filter(
    ({ call, operation }) => call === awaited || operation === 'revert' || mutators.includes(operation),
  );
  return changed(world, index, { ...life, calls });
}

function called(
  world: World,
  index: number,
  life: Life,
  { call, operation, undo }: { readonly call: number; readonly operation: Operation; readonly undo: object },
): Life {
  const changes = mutators.includes(operation);
  const broken = (invariant: string): Error => new Error(`${invariant}: ${operation}`);
  if (changes && !life.journaled) throw broken('(1) undo stored before effect');
  if (operation === 'inject' && life.injects > 0) throw broken('(2) at most one start of inject');
  if (life.status !== null && isTerminal(life.status.phase)) throw broken('(3) terminal phases absorb');
  if (changes && world.now >= Math.min(life.bound, world.deadline)) throw broken('(4) exposure is bounded');
  if (changes && life.reverted) throw broken('(5) no inject step after revert starts');
  if (changes && world.holder !== index) throw broken('(7) one holder per claim');
  if (operation === 'revert' && (!life.journaled || !('was' in undo))) throw broken('(9) revert only with its own undo');
  const { permit } = life;
  if (operation === 'inject' && (permit === null || permit.releasedStage === 0))
    throw broken('(10) only the newest generation releases');
  if (operation === 'inject' && !life.watched) throw broken('(4) exposure is bounded: its watcher may be long dead');
  if ((operation === 'inject' || operation === 'adjust') && permit?.freeze === true) throw new Error(`frozen: ${operation}`);
  if (changes && (life.halted || world.halt === 'set')) throw broken('(11) lifting halt revives nothing');
  return {
    ...life,
    calls: [...life.calls, { call, operation }],
    injects: life.injects + (operation === 'inject' ? 1 : 0),
    reverted: life.reverted || operation === 'revert',
  };
}
