import type { InjectionSpec, InjectionStatus, Permit } from '../../../src/domain/injection/records.ts';
import type { FaultTraits, InjectionState, Operation } from '../../../src/domain/injection/state.ts';
import { permitOf, specOf } from '../../agent/records.ts';

/** One injection: what is in effect, what is durable, what the living agent knows and has under way. */
export interface Life {
  readonly spec: InjectionSpec;
  readonly traits: FaultTraits;
  /** null when no living agent has it. */
  readonly state: InjectionState | null;
  readonly effect: boolean;
  readonly journaled: boolean;
  readonly status: InjectionStatus | null;
  readonly permit: Permit | null;
  /** Since its agent lives, or since it was written if that was later, its watcher has given a sign of life. */
  readonly watched: boolean;
  /** Store calls under way. */
  readonly pending: {
    readonly claims: boolean;
    readonly undo: boolean;
    readonly status: InjectionStatus | null;
    readonly release: boolean;
  };
  /** Calls of the fault that have not settled. */
  readonly calls: readonly { readonly call: number; readonly operation: Operation }[];
  /** What has ever happened, over all lives of the agent. */
  readonly injects: number;
  readonly reverted: boolean;
  readonly halted: boolean;
  /** When the effect must be on its way out, as the records alone say it: the last renewal stored in time, and the lease. */
  readonly bound: number;
}

/** One or two injections of different runs that want the same claim, one agent with its lives, one environment. */
export interface World {
  readonly now: number;
  readonly deadline: number;
  readonly agent: 'alive' | 'dead';
  readonly halt: 'never' | 'set' | 'lifted';
  readonly holder: number | null;
  readonly lives: readonly Life[];
  /** No halt, and one watcher that releases at once and renews no more, and a quick store: what is left is what injections do to each other. */
  readonly quiet: boolean;
  /** How much more may go wrong: this keeps the world finite. */
  readonly mishaps: number;
}

export const lease = 1_500;
export const wallStart = Date.parse('2026-01-01T00:00:00.000Z');
const held: FaultTraits = { effect: 'held', arms: true, holds: false, adjusts: false, claims: ['one'] };
export const nothing: Life['pending'] = { claims: false, undo: false, status: null, release: false };

/** Before the first life of the agent. */
export function unbornWorld({
  traits = {},
  injections = 1,
  quiet = false,
  mishaps = 1,
  lasts = 3_600,
}: { traits?: Partial<FaultTraits>; injections?: number; quiet?: boolean; mishaps?: number; lasts?: number } = {}): World {
  const lives = Array.from({ length: injections }, (_, index): Life => {
    const runId = `run-${index + 1}`;
    const deadline = new Date(wallStart + lasts).toISOString();
    return {
      spec: specOf({ id: `${runId}-1-1`, runId, deadline, leaseSeconds: lease / 1000 }),
      traits: { ...held, ...traits },
      state: null,
      effect: false,
      journaled: false,
      status: null,
      permit: null,
      watched: true,
      pending: nothing,
      calls: [],
      injects: 0,
      reverted: false,
      halted: false,
      bound: 0,
    };
  });
  return { now: 0, deadline: lasts, agent: 'dead', halt: 'never', holder: null, lives, quiet, mishaps };
}

export function lifeOf(world: World, index: number): Life {
  const life = world.lives[index];
  if (life === undefined) throw new Error(`no injection ${index}`);
  return life;
}

export function changed(world: World, index: number, changes: Partial<Life>): World {
  return { ...world, lives: world.lives.map((life, other) => (other === index ? { ...life, ...changes } : life)) };
}

export function released(world: World, index: number): World {
  return world.holder === index ? { ...world, holder: null } : world;
}

/** What the newest watcher writes next. */
export function renewed({ spec, permit }: Life, changes: Partial<Permit> = {}): Permit {
  const before = permit ?? permitOf({ runId: spec.runId, generation: 2, renewal: 0, releasedStage: 0 });
  return { ...before, renewal: before.renewal + 1, ...changes };
}
