import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '../domain/errors.ts';
import { dueFrom, isDue } from '../domain/injection/due.ts';
import { isReverting } from '../domain/injection/ends.ts';
import { next } from '../domain/injection/next.ts';
import { isTerminal } from '../domain/injection/records.ts';
import type { InjectionSpec } from '../domain/injection/records.ts';
import type { Effect, InjectionEvent, InjectionState, Now } from '../domain/injection/state.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Fault, FaultContext } from '../faults/fault.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { AgentDependencies } from './dependencies.ts';
import { callFault, callTimeoutMs, isRevert, recordError } from './fault-call.ts';
import { createStatusWriter } from './status-writer.ts';

const releaseRetryMs = 250;

/** One injection in the agent: its state, and the effects that the reducer asks for. Never blocks its caller. */
export interface InjectionDriver {
  readonly runId: string;
  dispatch(event: InjectionEvent): void;
  /** Time has passed. Costs next to nothing while nothing is due. */
  tick(now: Now): void;
  /** The injection is in a terminal phase, and so is its stored status, and its claims are free; or it is another agent's. */
  finished(): boolean;
  /** Does nothing from now on, as if its process had died. */
  abandon(): void;
}

/** `params` is null for an injection that is only reverted. */
export function createInjectionDriver(
  initial: { readonly state: InjectionState; readonly fault: Fault; readonly params: JsonObject | null },
  deps: AgentDependencies,
): InjectionDriver {
  const { fault, params } = initial;
  const { spec } = initial.state;
  let state = initial.state;
  let due = dueFrom(state);
  let released = false;
  let abandoned = false;
  let left = false;
  let disputed = false;
  let storing: Promise<void> = Promise.resolve();
  const writer = createStatusWriter(deps);
  const running = new Set<AbortController>();
  /** Of a prepare whose undo is not stored: when the injection ends so, nothing will revert what it has started. */
  let prepared: AbortController | null = null;

  const now = (): Now => ({ mono: deps.clock.monotonic(), wall: deps.clock.now() });

  const dispatch = (event: InjectionEvent): void => {
    if (abandoned || disputed) return;
    const before = state.phase;
    const step = next(state, event, now());
    state = step.state;
    due = dueFrom(state);
    if (state.phase !== before) report();
    for (const effect of step.effects) perform(effect);
  };

  const report = (): void => {
    const data: JsonObject = {
      injection: spec.id,
      run: spec.runId,
      fault: spec.fault,
      target: spec.target.name,
      phase: state.phase,
    };
    const why: JsonObject = { ...data, cause: state.status.cause, error: state.status.error && { ...state.status.error } };
    if (state.phase === 'stuck') deps.log.error(why, 'revert does not succeed, still trying: look at the target yourself');
    else deps.log.info(why, 'injection phase');
  };

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case 'call':
        return startCall(effect);
      case 'abort':
        return running.forEach((controller) => controller.abort());
      case 'write-status':
        return writer.write(effect.status);
      case 'take-claims':
        return store(async () => {
          const taken = await deps.store.takeClaims(spec.id, state.traits.claims);
          dispatch(taken.taken ? { type: 'claimed' } : { ...taken, type: 'claim-taken' });
        });
      case 'store-undo':
        return store(async () => {
          if (await deps.journal.open(spec, effect.undo)) dispatch({ type: 'undo-stored', undo: effect.undo });
          else await settle();
        });
      case 'release-claims':
        endPrepared();
        return void release();
    }
  };

  const store = (write: () => Promise<void>): void => {
    storing = storing.then(write).catch((error: unknown) => {
      dispatch({ type: 'store-failed', error: { code: codeOf(error), message: messageOf(error) } });
    });
  };

  const release = async (): Promise<void> => {
    await storing;
    await writer.written();
    while (!abandoned && !released) {
      try {
        await deps.store.releaseClaims(spec.id);
        released = true;
      } catch (error) {
        deps.log.warn({ injection: spec.id, problem: messageOf(error) }, 'claims not released, trying again');
        await sleep(releaseRetryMs);
      }
    }
  };

  const endPrepared = (): void => {
    if (state.undo === null) prepared?.abort();
  };

  const abandon = (): void => {
    abandoned = true;
    writer.abandon();
    running.forEach((controller) => controller.abort());
    endPrepared();
  };

  /** Somebody has its journal. Until it is known who, nothing is done or said: it may be another's. */
  const settle = async (): Promise<void> => {
    disputed = true;
    const entry = await deps.journal.read(spec.id).catch(() => 'unread' as const);
    if (entry !== null) return leave();
    disputed = false;
    throw reused(spec);
  };

  /** Another agent was first. Its record, its undo and its claims, which are in the same name, are not ours to touch. */
  const leave = (): void => {
    deps.log.error({ injection: spec.id }, 'another agent has begun this injection: it is left alone here');
    left = true;
    abandon();
  };

  const startCall = ({ call, operation, undo }: Extract<Effect, { type: 'call' }>): void => {
    const controller = new AbortController();
    const stoppable = !isRevert(operation);
    const given = params !== null && stoppable ? params : undo;
    const leftMs = state.deadline - deps.clock.monotonic();
    if (stoppable) running.add(controller);
    if (operation === 'prepare') prepared = controller;
    const timer = setTimeout(
      () => {
        controller.abort();
        dispatch({ type: 'overdue', call });
      },
      callTimeoutMs(operation, { fault, given, policy: deps.policy, leftMs }),
    ).unref();
    const called = callFault({ fault, spec, params, undo }, operation, contextOf(controller.signal, stoppable), () =>
      deps.clock.now(),
    );
    writer.giveWayTo(called);
    called
      .then(
        (result) => {
          if (result.operation === 'verify' && state.phase === 'active' && !result.read.present) {
            deps.log.warn({ injection: spec.id, look: result.read.summary }, 'the effect was not seen');
          }
          dispatch({ type: 'done', call, result });
        },
        (error: unknown) => {
          // Not seen is not gone: it stays as it is, and is looked for again.
          if (operation === 'verify' && state.phase === 'active') {
            deps.log.warn({ injection: spec.id, problem: messageOf(error) }, 'whether the effect is there could not be seen');
          }
          dispatch({ type: 'failed', call, error: recordError(error, operation, spec) });
        },
      )
      .finally(() => {
        clearTimeout(timer);
        running.delete(controller);
      });
  };

  const contextOf = (signal: AbortSignal, stoppable: boolean): FaultContext => ({
    signal,
    injectionId: spec.id,
    log: (message, data) => deps.log.info({ ...data, injection: spec.id }, message),
    async journal(delta) {
      const stopped = (): boolean => abandoned || (stoppable && (signal.aborted || isReverting(state)));
      if (!stopped()) await deps.journal.append(spec.id, delta);
      // Asked again: the revert may have begun while the disk was busy, and it must not be followed by a further change.
      if (stopped()) throw new AppError('fault/inject-failed', `Injection "${spec.id}" must stop where it is`);
      dispatch({ type: 'undo-grew', delta });
    },
    async confirmation(word) {
      const read = await deps.store.readConfirmation(spec.id, word);
      if (read === null || !isCorrupt(read)) return read;
      throw new AppError('record/corrupt', `${read.problem}. Take it away, and confirm again`);
    },
    host: deps.hostTools,
    cluster: deps.clusterTools,
    node: deps.nodeTools,
    secret: deps.secret,
    policy: deps.policy,
  });

  if (isReverting(state)) writer.write(state.status);
  return {
    runId: spec.runId,
    dispatch,
    tick: (at) => isDue(due, at) && dispatch({ type: 'tick' }),
    finished: () => left || (released && state.phase !== 'waiting' && isTerminal(state.phase)),
    abandon,
  };
}

/** Its journal has the name and no undo: an injection of this id has ended, whatever became of its record. */
function reused({ id }: InjectionSpec): AppError {
  const message = `Injection "${id}" was not started: one of this id has been begun and ended before, and ids are never reused`;
  return new AppError('claim/taken', `${message}. Start a new run`);
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'upstream/unreachable';
}
