import { isReverting } from '../../../src/domain/injection/ends.ts';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import type { Permit } from '../../../src/domain/injection/records.ts';
import type { InjectionEvent, InjectionState } from '../../../src/domain/injection/state.ts';
import { timings } from '../../../src/domain/injection/timings.ts';
import { permitOf } from '../../agent/records.ts';
import { die, live, readPermit, send } from './agent-life.ts';
import { callsOf } from './call-moves.ts';
import { labelOf, mishap } from './move.ts';
import type { Move } from './move.ts';
import { changed, lease, lifeOf, released, renewed } from './world.ts';
import type { Life, World } from './world.ts';

/** Everything that may happen next. What a fair schedule would do comes first. */
export function moves(world: World): readonly Move[] {
  const lives = [...world.lives.keys()];
  return [
    ...lives.flatMap((index) => [...answersOf(world, index), ...callsOf(world, index)]),
    ...(world.agent === 'dead' ? [{ name: 'restart', apply: live }] : []),
    ...(world.agent === 'alive' ? [{ name: 'wait', apply: wait }] : []),
    ...lives.flatMap((index) => recordsOf(world, index)),
    ...(world.halt === 'never' && !world.quiet ? [{ name: 'halt', apply: halt }] : []),
    ...(world.halt === 'set' ? [{ name: 'lift', apply: (w: World): World => ({ ...w, halt: 'lifted' }) }] : []),
    ...mishapsOf(world),
  ];
}

/** Answers of the store. A call that fails is a mishap. */
function answersOf(world: World, index: number): Move[] {
  const { pending, state } = lifeOf(world, index);
  if (state === null) return [];
  const label = labelOf(world, index);
  const found: Move[] = [];
  const failed: InjectionEvent = { type: 'store-failed', error: { code: 'upstream/unreachable', message: 'disk full' } };
  const without = (w: World, changes: Partial<Life['pending']>, also: Partial<Life> = {}): World =>
    changed(w, index, { ...also, pending: { ...lifeOf(w, index).pending, ...changes } });
  if (pending.claims) found.push({ name: `claimed${label}`, apply: (w) => claim(without(w, { claims: false }), index) });
  if (pending.undo) {
    const stored: InjectionEvent = { type: 'undo-stored', undo: { was: 1 } };
    found.push({
      name: `undo stored${label}`,
      apply: (w) => send(without(w, { undo: false }, { journaled: true }), index, stored),
    });
  }
  const { status } = pending;
  if (status !== null) found.push({ name: `status stored${label}`, apply: (w) => without(w, { status: null }, { status }) });
  if (pending.release && status === null && !pending.claims && !pending.undo) {
    found.push({
      name: `claims released${label}`,
      apply: (w) => released(without(w, { release: false }, { state: null }), index),
    });
  }
  if (world.mishaps === 0) return found;
  if (pending.claims) {
    found.push({ name: `claim fails${label}`, apply: (w) => send(mishap(without(w, { claims: false })), index, failed) });
  }
  if (pending.undo) {
    for (const journaled of [false, true]) {
      found.push({
        name: `undo ${journaled ? 'stored, and' : ''} fails${label}`,
        apply: (w) => send(mishap(without(w, { undo: false }, { journaled })), index, failed),
      });
    }
  }
  return found;
}

function claim(world: World, index: number): World {
  const { holder } = world;
  if (holder === null || holder === index) return send({ ...world, holder: index }, index, { type: 'claimed' });
  return send(world, index, { type: 'claim-taken', claim: 'one', holder: lifeOf(world, holder).spec.id });
}

/** What the worker writes, read by the agent at once; and what a watcher that was replaced still writes. */
function recordsOf(world: World, index: number): Move[] {
  const life = lifeOf(world, index);
  const label = labelOf(world, index);
  if (life.permit?.revert === true || (life.status !== null && isTerminal(life.status.phase))) return [];
  const write = (w: World, permit: Permit | null): World => readPermit(changed(w, index, { permit }), index);
  const renewal: Move = { name: `renew${label}`, apply: (w) => renew(w, index, w.now) };
  if (world.quiet) return life.permit === null ? [renewal] : [];
  const found = [renewal, { name: `asked${label}`, apply: (w: World) => write(w, renewed(lifeOf(w, index), { revert: true })) }];
  const { permit } = life;
  if (permit === null) return found;
  const old: Permit = permitOf({ runId: life.spec.runId, generation: 1, renewal: 99 });
  found.push(
    { name: `old generation${label}`, apply: (w) => send(w, index, { type: 'permit', permit: old, readAt: w.now }) },
    { name: `permit gone${label}`, apply: (w) => write(w, null) },
  );
  if (permit.releasedStage === 0)
    found.push({ name: `release${label}`, apply: (w) => write(w, { ...permit, releasedStage: 1 }) });
  if (permit.releasedStage === 1 && life.state?.phase === 'active')
    found.push({ name: `withdraw${label}`, apply: (w) => write(w, renewed(lifeOf(w, index), { releasedStage: 0 })) });
  if (life.traits.adjusts) {
    found.push({
      name: `${permit.freeze ? 'thaw' : 'freeze'}${label}`,
      apply: (w) => write(w, { ...permit, freeze: !permit.freeze }),
    });
  }
  return found;
}

/** A renewal that is stored before the lease has lapsed moves the bound. */
function renew(world: World, index: number, at: number): World {
  const life = lifeOf(world, index);
  const inTime = at < life.bound;
  const after = changed(world, index, {
    permit: renewed(life, { releasedStage: world.quiet ? 1 : (life.permit?.releasedStage ?? 0) }),
    bound: inTime ? at + lease : life.bound,
    // A permit that is there when the agent comes up is of no certain age.
    watched: life.watched || (life.permit !== null && life.state?.permit != null),
  });
  return readPermit(after, index);
}

/** What only happens so often: deaths, freezes, responders. */
function mishapsOf(world: World): Move[] {
  if (world.mishaps === 0) return [];
  const found: Move[] = world.lives.flatMap((life, index) =>
    life.effect && life.state?.phase === 'active'
      ? [{ name: `mitigated${labelOf(world, index)}`, apply: (w: World) => mishap(changed(w, index, { effect: false })) }]
      : [],
  );
  if (world.agent === 'dead') return found;
  return [
    ...found,
    { name: 'dies', apply: (w) => mishap(die(w, false)) },
    { name: 'dies, unanswered', apply: (w) => mishap(die(w, true)) },
    { name: 'frozen beyond the lease', apply: frozen },
    { name: 'shutdown', apply: (w) => w.lives.reduce((after, _, index) => send(after, index, { type: 'shutdown' }), mishap(w)) },
    { name: 'damaged', apply: (w) => send(mishap(w), 0, { type: 'corrupt', problem: 'damaged' }) },
  ];
}

/** The agent stands still while its permit is renewed late; what it sees first is the renewal. */
function frozen(world: World): World {
  const now = world.now + lease + 100;
  return world.lives.reduce((after, _, index) => renew(after, index, now), mishap({ ...world, now }));
}

function halt(world: World): World {
  const halted: World = { ...world, halt: 'set' };
  if (world.agent === 'dead') return halted;
  return world.lives.reduce((after, life, index) => {
    const seen = changed(after, index, { halted: life.halted || life.state !== null });
    return send(seen, index, { type: 'halt' });
  }, halted);
}

/** To the next moment at which time alone changes something. */
function wait(world: World): World {
  const later = world.lives.flatMap(({ state }) => (state === null ? [] : timersOf(state))).filter((at) => at > world.now);
  const now = later.length === 0 ? world.now + lease : Math.min(...later);
  return world.lives.reduce((after, _, index) => send(after, index, { type: 'tick' }), { ...world, now });
}

function timersOf(state: InjectionState): number[] {
  if (isReverting(state)) {
    return [state.revertAt, state.revertSince + timings.abortGraceMs, state.revertSince + timings.stuckAfterMs];
  }
  // Some time before the lease ends a watcher renews.
  return [state.leaseUntil - lease / 3, state.leaseUntil, state.deadline, state.verifyAt, state.holdAt, state.adjustAt];
}
