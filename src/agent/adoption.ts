import { begin, resume } from '../domain/injection/begin.ts';
import { refusedStatus } from '../domain/injection/ends.ts';
import { isTerminal } from '../domain/injection/records.ts';
import type { InjectionSpec, InjectionStatus, RevertCause } from '../domain/injection/records.ts';
import type { Now, RecordError } from '../domain/injection/state.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { Read } from '../ports/injections.ts';
import { admit } from './admission.ts';
import type { AgentDependencies } from './dependencies.ts';
import { createInjectionDriver } from './injection-driver.ts';
import type { InjectionDriver } from './injection-driver.ts';

/**
 * Takes up an injection that this life of the agent has not seen. What the journal knows was begun by an earlier life and
 * is only reverted; what only a status knows was never touched; the rest is new. null: there is nothing left to do.
 */
export async function adopt(
  id: string,
  spec: Read<InjectionSpec> | null,
  halted: boolean,
  deps: AgentDependencies,
): Promise<InjectionDriver | null> {
  const status = await deps.store.readStatus(id);
  if (status !== null && !isCorrupt(status) && isTerminal(status.phase)) {
    // A crash between the last status and the release leaves claims behind.
    await deps.store.releaseClaims(id);
    return null;
  }
  const left = await leftBehind(id, spec, status, deps);
  if (left === 'unknown') {
    await deps.store.writeStatus({ ...unknownStatus(id), agent: agentOf(deps) });
    return null;
  }
  if (left !== null) {
    const driver = revertOnly(left, deps);
    if (driver === null) await deps.store.writeStatus({ ...irrevertibleStatus(left, deps), agent: agentOf(deps) });
    return driver;
  }

  const readable = spec !== null && !isCorrupt(spec) ? spec : null;
  const runId = readable?.runId ?? runIdOf(id);
  const refuse = async (error: RecordError): Promise<null> => {
    await deps.store.writeStatus({ ...refusedStatus({ id, runId }, error), agent: agentOf(deps) });
    await deps.store.releaseClaims(id);
    deps.log.warn({ injection: id, ...error }, 'injection refused');
    return null;
  };
  if (readable === null) {
    return refuse({ code: 'record/corrupt', message: spec !== null && isCorrupt(spec) ? spec.problem : `no spec of "${id}"` });
  }
  if (status !== null) {
    return refuse({
      code: 'part/died',
      message: `The agent ended before "${id}" was armed; nothing was touched. Start a new run`,
    });
  }
  if (halted) {
    return refuse({ code: 'guard/blocked', message: `Injection "${id}" was not started: the halt switch is set. Lift it first` });
  }
  const admission = admit(readable, deps);
  if (!admission.admitted) return refuse(admission.error);
  const { fault, params, traits } = admission;
  return createInjectionDriver({ state: begin(readable, traits, nowOf(deps)), fault, params }, deps);
}

/** What an earlier life of an agent may have changed. */
export interface LeftBehind {
  readonly spec: InjectionSpec;
  readonly status: InjectionStatus | null;
  readonly undo: NonNullable<InjectionStatus['undo']>;
  readonly cause: RevertCause;
}

/**
 * null when nothing was touched; `unknown` when something may have been, and its undo can no longer be read. The journal is
 * believed first: it is written before the target is touched.
 */
export async function leftBehind(
  id: string,
  spec: Read<InjectionSpec> | null,
  status: Read<InjectionStatus> | null,
  deps: Pick<AgentDependencies, 'journal' | 'log'>,
): Promise<LeftBehind | 'unknown' | null> {
  const entry = await deps.journal.read(id);
  const readable = status !== null && !isCorrupt(status) ? status : null;
  const damaged = spec === null || isCorrupt(spec) || (status !== null && isCorrupt(status));
  const cause: RevertCause = damaged ? 'corrupt' : 'restart';
  if (entry !== null && !isCorrupt(entry)) return { spec: entry.spec, status: readable, undo: entry.undo, cause };
  if (entry !== null) deps.log.error({ injection: id, problem: entry.problem }, 'journal is damaged');
  if (readable?.undo === undefined || spec === null || isCorrupt(spec)) return entry === null ? null : 'unknown';
  return { spec, status: readable, undo: readable.undo, cause: 'corrupt' };
}

export const unknownReason = 'its journal is damaged and no other record holds its undo, so it may still be in effect';

/** Not terminal: the environment stays `dirty`, and no run starts there, until somebody has looked. */
function unknownStatus(id: string): InjectionStatus {
  const message = `${unknownReason}. Look at the target yourself, then remove the records of "${id}" from the state directory`;
  return {
    schemaVersion: 1,
    id,
    runId: runIdOf(id),
    phase: 'stuck',
    cause: 'corrupt',
    error: { code: 'record/corrupt', message },
  };
}

/** Not terminal either: a later life of an agent, one that knows the fault, reverts it. */
function irrevertibleStatus({ spec, status, undo, cause }: LeftBehind, { version }: AgentDependencies): InjectionStatus {
  const message =
    `the agent (version ${version}) has no fault "${spec.fault}", so "${spec.id}" on ${spec.target.name} may still be in effect. ` +
    'Start an agent that has it, or revert it by hand';
  return {
    schemaVersion: 1,
    id: spec.id,
    runId: spec.runId,
    ...status,
    phase: 'stuck',
    undo,
    cause: status?.cause ?? cause,
    error: { code: 'fault/revert-failed', message },
  };
}

/** A driver that reverts what was left behind; null, loudly, when this agent does not know the fault. */
export function revertOnly(left: LeftBehind, deps: AgentDependencies): InjectionDriver | null {
  const fault = deps.faults.find((fault) => fault.name === left.spec.fault);
  if (fault === undefined) {
    deps.log.error({ injection: left.spec.id, fault: left.spec.fault }, 'cannot revert: this agent has no such fault');
    return null;
  }
  return createInjectionDriver({ state: resume(left, nowOf(deps)), fault, params: null }, deps);
}

function nowOf({ clock }: AgentDependencies): Now {
  return { mono: clock.monotonic(), wall: clock.now() };
}

function agentOf({ name, version }: AgentDependencies): NonNullable<InjectionStatus['agent']> {
  return { name, version, pid: process.pid };
}

/** Ids are `<runId>-<step>-<ordinal>`. */
function runIdOf(id: string): string {
  return id.replace(/-\d+-\d+$/, '');
}
