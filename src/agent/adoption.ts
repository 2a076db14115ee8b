import { adoptionOf } from '../domain/injection/adoption.ts';
import type { Adoption, LeftBehind } from '../domain/injection/adoption.ts';
import { begin, resume } from '../domain/injection/begin.ts';
import { refusedStatus } from '../domain/injection/ends.ts';
import type { InjectionSpec, InjectionStatus } from '../domain/injection/records.ts';
import type { AgentKind } from '../domain/plan/plan.ts';
import type { Now, RecordError } from '../domain/injection/state.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { Read } from '../ports/injections.ts';
import { admit } from './admission.ts';
import type { AgentDependencies } from './dependencies.ts';
import { createInjectionDriver } from './injection-driver.ts';
import type { InjectionDriver } from './injection-driver.ts';

/** What an agent knows of an injection that it has not taken up. */
export interface Sighting {
  readonly spec: Read<InjectionSpec> | null;
  readonly halted: boolean;
  /** It was there already when this life of the agent looked first. */
  readonly found: boolean;
}

/** Takes up an injection that this life of the agent has not seen. null: there is nothing left to do. */
export async function adopt(
  id: string,
  { spec, halted, found }: Sighting,
  deps: AgentDependencies,
): Promise<InjectionDriver | null> {
  const runId = spec !== null && !isCorrupt(spec) ? spec.runId : runIdOf(id);
  const refuse = async (error: RecordError): Promise<null> => {
    await deps.store.writeStatus({ ...refusedStatus({ id, runId }, error), agent: agentOf(deps) });
    await deps.store.releaseClaims(id);
    deps.log.warn({ injection: id, ...error }, 'injection refused');
    return null;
  };
  const adoption = await readAdoption(id, spec, halted, deps);
  switch (adoption.kind) {
    case 'ended':
      await deps.store.releaseClaims(id);
      return null;
    case 'unknown':
      await deps.store.writeStatus({ ...unknownStatus(id, adoption.status, deps.kind), agent: agentOf(deps) });
      return null;
    case 'revert': {
      const revert = revertOnly(adoption.left, deps);
      if ('driver' in revert) return revert.driver;
      deps.log.error({ injection: id, problem: revert.problem }, 'cannot revert');
      await deps.store.writeStatus({ ...irrevertibleStatus(adoption.left, revert.problem), agent: agentOf(deps) });
      return null;
    }
    case 'refuse':
      return refuse(adoption.error);
    case 'begin': {
      const admission = admit(adoption.spec, deps);
      if (!admission.admitted) return refuse(admission.error);
      const objection = await deps.objectionTo(adoption.spec.target);
      if (objection !== null) return refuse(objection);
      const { fault, params, traits } = admission;
      return createInjectionDriver({ state: begin(adoption.spec, traits, nowOf(deps), !found), fault, params }, deps);
    }
  }
}

/** Reads what the records hold of an injection, and what follows from it. */
export async function readAdoption(
  id: string,
  spec: Read<InjectionSpec> | null,
  halted: boolean,
  { store, journal, log }: Pick<AgentDependencies, 'store' | 'journal' | 'log'>,
): Promise<Adoption> {
  const [status, entry] = await Promise.all([store.readStatus(id), journal.read(id)]);
  if (entry !== null && isCorrupt(entry)) log.error({ injection: id, problem: entry.problem }, 'journal is damaged');
  return adoptionOf(id, { spec, status, journal: entry }, halted);
}

export const unknownReason =
  'its journal is damaged or gone and its other records do not say how to undo it, so it may still be in effect';

/** Not terminal: the environment stays `dirty`, and no run starts there, until somebody has looked. */
function unknownStatus(id: string, status: InjectionStatus | null, kind: AgentKind): InjectionStatus {
  const where =
    kind === 'host'
      ? `those of "${id}" in the state directory`
      : `take the finalizer off injections.firedrill.dev/${id}, delete it, and delete the Secret journal-${id}`;
  const message = `${unknownReason}. Look at the target yourself, then remove its records: ${where}`;
  return {
    schemaVersion: 1,
    id,
    runId: runIdOf(id),
    ...status,
    phase: 'stuck',
    cause: 'corrupt',
    error: { code: 'record/corrupt', message },
  };
}

/** Not terminal either: a later life of an agent, one that knows how, reverts it. */
function irrevertibleStatus({ spec, status, undo, cause }: LeftBehind, problem: string): InjectionStatus {
  const message = `"${spec.id}" on ${spec.target.name} may still be in effect: ${problem}, or revert it by hand`;
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

/** A driver that reverts what was left behind; or why this agent cannot, and who can. */
export function revertOnly(
  left: LeftBehind,
  deps: AgentDependencies,
): { readonly driver: InjectionDriver } | { readonly problem: string } {
  const { spec, status } = left;
  const fault = deps.faults.find((fault) => fault.name === spec.fault);
  const me = `the agent (version ${deps.version})`;
  if (fault === undefined) return { problem: `${me} has no fault "${spec.fault}". Start an agent that has it` };
  const read = fault.undo?.safeParse(left.undo);
  if (read?.success === false) {
    const writer = status?.agent === undefined ? 'the version that began it' : `version ${status.agent.version}`;
    const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'undo'}: ${message}`).join('; ');
    return { problem: `${me} does not read the undo that another kept (${problems}). Start an agent of ${writer}` };
  }
  const undo = read?.data ?? left.undo;
  return { driver: createInjectionDriver({ state: resume({ ...left, undo }, nowOf(deps)), fault, params: null }, deps) };
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
