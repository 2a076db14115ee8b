import { begin } from '../../../src/domain/injection/begin.ts';
import { next } from '../../../src/domain/injection/next.ts';
import type { Permit } from '../../../src/domain/injection/records.ts';
import type { CallResult, FaultTraits, InjectionEvent, InjectionState, Operation } from '../../../src/domain/injection/state.ts';
import { permitOf, specOf } from '../../agent/records.ts';

/** One injection with the world around it: what is in effect, what is durable, which calls have not settled. */
export interface Model {
  readonly now: number;
  readonly state: InjectionState;
  readonly effect: boolean;
  readonly stored: boolean;
  readonly storing: boolean;
  readonly claiming: boolean;
  readonly claimed: boolean;
  readonly injects: number;
  readonly revertStarted: boolean;
  readonly halted: boolean;
  readonly renewal: number;
  readonly calls: readonly { readonly call: number; readonly operation: Operation }[];
}

export interface Move {
  readonly name: string;
  readonly apply: (model: Model) => Model;
}

const wallStart = Date.parse('2026-01-01T00:00:00.000Z');
export const lease = 1_000;
export const lasts = 2_500;

export function startOf(traits: Partial<FaultTraits> = {}): Model {
  const spec = specOf({ deadline: new Date(wallStart + lasts).toISOString(), leaseSeconds: lease / 1000 });
  const all: FaultTraits = { effect: 'held', arms: true, holds: true, adjusts: false, claims: ['one'], ...traits };
  return {
    now: 0,
    state: begin(spec, all, { mono: 0, wall: wallStart }),
    effect: false,
    stored: false,
    storing: false,
    claiming: false,
    claimed: false,
    injects: 0,
    revertStarted: false,
    halted: false,
    renewal: 0,
    calls: [],
  };
}

/** Sends one event and lets the effects change the world. Throws when an effect breaks an invariant. */
export function send(model: Model, event: InjectionEvent): Model {
  const { state, effects } = next(model.state, event, { mono: model.now, wall: wallStart + model.now });
  let world: Model = { ...model, state };
  for (const effect of effects) {
    if (effect.type === 'take-claims') world = { ...world, claiming: true };
    if (effect.type === 'release-claims') world = { ...world, claimed: false };
    if (effect.type === 'store-undo') world = { ...world, storing: true };
    if (effect.type !== 'call') continue;
    const { operation } = effect;
    const changes = operation === 'arm' || operation === 'inject' || operation === 'hold';
    if (changes && !world.stored) throw new Error(`(1) ${operation} before the undo is stored`);
    if (changes && world.revertStarted) throw new Error(`(5) ${operation} after a revert began`);
    if (changes && world.halted) throw new Error(`(11) ${operation} after a halt`);
    if (operation === 'inject' && world.injects > 0) throw new Error('(2) a second inject');
    if (changes && !world.claimed) throw new Error(`(7) ${operation} without the claims`);
    world = {
      ...world,
      injects: world.injects + (operation === 'inject' ? 1 : 0),
      revertStarted: world.revertStarted || operation === 'revert',
      calls: [...world.calls, { call: effect.call, operation }],
    };
  }
  return world;
}

/** Everything that may happen next. */
export function moves(model: Model): readonly Move[] {
  const { runId } = model.state.spec;
  const permit = (changes: Partial<Permit>): InjectionEvent => ({
    type: 'permit',
    permit: permitOf({ runId, ...changes }),
    readAt: model.now,
  });
  const event = (name: string, event: InjectionEvent): Move => ({ name, apply: (model) => send(model, event) });
  const found: Move[] = [
    { name: 'renew', apply: (m) => send({ ...m, renewal: m.renewal + 1 }, permit({ generation: 2, renewal: m.renewal + 1 })) },
    event('old generation', permit({ generation: 1, renewal: 99 })),
    event('permit gone', { type: 'permit', permit: null, readAt: model.now }),
    event('asked', permit({ generation: 2, renewal: model.renewal, revert: true })),
    { name: 'halt', apply: (m) => send({ ...m, halted: true }, { type: 'halt' }) },
    event('shutdown', { type: 'shutdown' }),
    { name: 'wait', apply: (m) => send({ ...m, now: m.now + 600 }, { type: 'tick' }) },
  ];
  if (model.claiming) {
    found.push({ name: 'claimed', apply: (m) => send({ ...m, claiming: false, claimed: true }, { type: 'claimed' }) });
    const taken: InjectionEvent = { type: 'claim-taken', claim: 'one', holder: 'other' };
    found.push({ name: 'claim taken', apply: (m) => send({ ...m, claiming: false }, taken) });
  }
  if (model.storing) {
    const stored: InjectionEvent = { type: 'undo-stored', undo: { was: 1 } };
    found.push({ name: 'undo stored', apply: (m) => send({ ...m, storing: false, stored: true }, stored) });
    const failed: InjectionEvent = { type: 'store-failed', error: { code: 'upstream/unreachable', message: 'disk full' } };
    found.push({ name: 'store failed', apply: (m) => send({ ...m, storing: false }, failed) });
  }
  for (const { call, operation } of model.calls) {
    const error = { code: 'fault/inject-failed', message: 'failed' };
    found.push({ name: `${operation} ends`, apply: (m) => send(settled(m, call, operation), doneOf(m, call, operation)) });
    // The worst failure: one that has changed the target all the same.
    found.push({
      name: `${operation} fails`,
      apply: (m) => send(settled(m, call, operation === 'inject' ? 'inject' : 'verify'), { type: 'failed', call, error }),
    });
    found.push({ name: `${operation} overdue`, apply: (m) => send(m, { type: 'overdue', call }) });
  }
  return found;
}

function settled(model: Model, call: number, operation: Operation): Model {
  const effect = operation === 'inject' || operation === 'hold' ? true : operation === 'revert' ? false : model.effect;
  return { ...model, effect, calls: model.calls.filter((other) => other.call !== call) };
}

function doneOf(model: Model, call: number, operation: Operation): InjectionEvent {
  const read = { present: model.effect, summary: 'read', data: {} };
  const result: CallResult =
    operation === 'prepare'
      ? { operation, undo: { was: 1 } }
      : operation === 'verify' || operation === 'verify-reverted'
        ? { operation, read, askedAt: wallStart + model.now }
        : { operation };
  return { type: 'done', call, result };
}
