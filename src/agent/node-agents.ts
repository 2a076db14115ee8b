import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError, messageOf } from '../domain/errors.ts';
import type { AppError } from '../domain/errors.ts';
import { refusedStatus } from '../domain/injection/ends.ts';
import type { InjectionSpec } from '../domain/injection/records.ts';
import type { RecordError } from '../domain/injection/state.ts';
import type { Clock } from '../ports/clock.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { Journal } from '../ports/journal.ts';
import type { Log } from '../ports/log.ts';
import type { NodeAgentPod, NodeAgentPods, NodeAgentRef } from '../ports/node-agents.ts';
import type { WatchRecords } from '../ports/record-watch.ts';
import { keyOf, neededNodeAgents, nodeAgentOf } from './node-agents-needed.ts';
import type { NeededNodeAgent } from './node-agents-needed.ts';
import { endOnGoneNode } from './node-gone.ts';

const tickMs = 1_000;
/** One that is well is up in less than a second; an image may have to be fetched first. */
const patienceMs = 60_000;
/** Journals are listed anew this often: records that were taken away by force left only those. */
const journalsEveryMs = 15_000;
/** What could not be made, or waits for a node that is gone, is tried again less and less often. */
const firstRetryMs = 1_000;
const maxRetryMs = 15_000;

export interface NodeAgentsDependencies {
  readonly pods: NodeAgentPods;
  /** Of every node's injections. */
  readonly store: Pick<
    InjectionStore,
    'readSpecs' | 'readWithdrawn' | 'readStatuses' | 'readStatus' | 'writeStatus' | 'releaseClaims'
  >;
  readonly watch: WatchRecords;
  /** Of every node's injections. */
  readonly journal: Pick<Journal, 'read'>;
  /** Sees to it that no agent begins it from now on; false when one has. */
  readonly forestall: (spec: InjectionSpec) => Promise<boolean>;
  /** Why its agent would turn an injection away; null when it would take it up. Asked before any pod is made for it. */
  readonly objectionTo: (spec: InjectionSpec) => Promise<RecordError | null>;
  readonly lifetimeOf: (fault: string) => 'process' | 'netns' | 'boot' | 'persistent' | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly agent: { readonly name: string; readonly version: string };
}

/**
 * Sees to it that every injection of a node has its agent, and that no agent outlives what it is for. What cannot be started ends
 * the injections that wait for it, untouched. Runs until `signal` is aborted.
 */
export async function keepNodeAgents(deps: NodeAgentsDependencies, signal: AbortSignal): Promise<void> {
  const { pods, store, clock, log } = deps;
  const putOffs = new Map<string, { readonly count: number; readonly retryAt: number }>();
  /** Why an agent that is being taken away did not start. */
  const givenUp = new Map<string, RecordError>();
  /** Monotonic ms at which an injection was first seen to wait. The clock of the API server is another. */
  const waitingSince = new Map<string, number>();
  let leftBehind: readonly NodeAgentRef[] = [];
  let journalsAt = Number.NEGATIVE_INFINITY;
  let wake = new AbortController();
  const ends = [deps.watch(() => wake.abort()), pods.onChange(() => wake.abort())];

  const look = async (): Promise<void> => {
    if (clock.monotonic() - journalsAt >= journalsEveryMs) {
      leftBehind = await pods.leftBehind();
      journalsAt = clock.monotonic();
    }
    const specs = (await store.readSpecs()).flatMap((spec) => (isCorrupt(spec) ? [] : [spec]));
    const statuses = (await store.readStatuses()).flatMap((status) => (isCorrupt(status) ? [] : [status]));
    const phases = new Map(statuses.map(({ id, phase }) => [id, phase]));
    const needed = neededNodeAgents(specs, phases, leftBehind, clock.now());
    for (const { waiting } of needed.values())
      for (const { id } of waiting) if (!waitingSince.has(id)) waitingSince.set(id, clock.monotonic());
    const there = new Map((await pods.list()).map((pod) => [keyOf(pod), pod]));
    for (const [key, pod] of there) if (!needed.has(key)) await byItself(pod, () => end(pod));
    for (const [key, agent] of needed) await byItself(agent, () => attend(agent, there.get(key) ?? null));
    const withdrawn = new Set(await store.readWithdrawn());
    for (const spec of specs.filter(({ id }) => withdrawn.has(id))) {
      const ref = nodeAgentOf(spec);
      if (ref === null || needed.has(keyOf(ref)) || there.has(keyOf(ref))) continue;
      await byItself(ref, () => letGo(spec));
    }
    for (const key of putOffs.keys()) if (!needed.has(key)) putOffs.delete(key);
    for (const id of waitingSince.keys()) if (phases.has(id)) waitingSince.delete(id);
  };

  /** What goes wrong with one agent keeps no other from being made: it may have something to revert. */
  const byItself = async ({ node, runId }: NodeAgentRef, look: () => Promise<void>): Promise<void> => {
    await look().catch((error: unknown) => {
      log.error({ node, run: runId, problem: messageOf(error) }, 'agent of a node could not be looked after, trying again');
    });
  };

  const end = async (pod: NodeAgentPod): Promise<void> => {
    if (pod.ending) return;
    // What its journals say may be older than what it did since.
    journalsAt = Number.NEGATIVE_INFINITY;
    await pods.remove(pod);
    log.info({ node: pod.node, run: pod.runId }, 'agent of a node is not needed any more');
  };

  /** It has ended, and its agent, which is gone, was killed before it could let the record go: no other comes for that. */
  const letGo = async ({ id }: InjectionSpec): Promise<void> => {
    await store.releaseClaims(id);
    log.info({ injection: id }, 'record of an ended injection let go');
  };

  const attend = async (agent: NeededNodeAgent, pod: NodeAgentPod | null): Promise<void> => {
    const untouched = agent.begun.length === 0 && agent.waiting.length > 0;
    if (pod === null) {
      if (!untouched && isPutOff(agent)) return;
      const problem = givenUp.get(keyOf(agent)) ?? (await problemOfNode(agent));
      if (problem === null) await makeIfWanted(agent);
      // Nothing is waited for that does not come. What may be in effect is waited for without end, unless its node is gone.
      else if (untouched) await refuseAll(agent, problem);
      else if (await endOnGoneNode(agent, deps)) putOff(agent);
      givenUp.delete(keyOf(agent));
      return;
    }
    const isDown = !pod.ready && agent.begun.length > 0 && !isPutOff(agent);
    if (isDown && (await endOnGoneNode(agent, deps))) putOff(agent);
    const problem = problemOfPod(agent, pod);
    if (pod.ending || problem === null) return;
    // Taken away first: once it is gone, no agent can take up what is refused.
    if (untouched) givenUp.set(keyOf(agent), problem);
    if (untouched || pod.over) await end(pod);
  };

  const isPutOff = (agent: NodeAgentRef): boolean => clock.monotonic() < (putOffs.get(keyOf(agent))?.retryAt ?? -Infinity);

  const putOff = (agent: NodeAgentRef): void => {
    const { count } = putOffs.get(keyOf(agent)) ?? { count: 0 };
    const retryAt = clock.monotonic() + Math.min(firstRetryMs * 2 ** count, maxRetryMs);
    putOffs.set(keyOf(agent), { count: count + 1, retryAt });
  };

  const problemOfNode = async ({ node }: NeededNodeAgent): Promise<RecordError | null> => {
    const state = await pods.stateOf(node);
    if (state === 'ready') return null;
    const is = state === 'gone' ? 'is not there, or is out of service' : 'is not ready';
    return { code: 'target/none', message: `node ${node} ${is}. Plan again to find what runs now` };
  };

  const problemOfPod = ({ node, waiting }: NeededNodeAgent, pod: NodeAgentPod): RecordError | null => {
    const where = `the agent of node ${node} (pod ${pod.name})`;
    if (pod.problem !== null) return { code: 'part/missing', message: `${where} does not start: ${pod.problem}` };
    const late = waiting.some(({ id }) => clock.monotonic() - (waitingSince.get(id) ?? Infinity) > patienceMs);
    if (!late) return null;
    const advice = 'Look at it with kubectl describe and kubectl logs';
    return { code: 'part/missing', message: `${where} has taken nothing up in ${patienceMs / 1000} s. ${advice}` };
  };

  /** No pod, with its rights on a node, is made for what it would turn away. What may be in effect is not asked about. */
  const makeIfWanted = async (agent: NeededNodeAgent): Promise<void> => {
    if (agent.begun.length > 0 || agent.waiting.length === 0) return make(agent);
    const asked = await Promise.all(agent.waiting.map(async (spec) => ({ spec, error: await objectionTo(spec) })));
    for (const { spec, error } of asked) if (error !== null) await refuse(spec, error);
    const waiting = asked.filter(({ error }) => error === null).map(({ spec }) => spec);
    if (waiting.length > 0) await make({ ...agent, waiting });
  };

  const objectionTo = (spec: InjectionSpec): Promise<RecordError | null> =>
    deps.objectionTo(spec).catch((error: unknown) => {
      if (isForGood(error)) return { code: error.code, message: error.message };
      throw error;
    });

  const make = async (agent: NeededNodeAgent): Promise<void> => {
    if (isPutOff(agent)) return;
    try {
      await pods.create(agent, agent.untilMs);
      putOffs.delete(keyOf(agent));
      log.info({ node: agent.node, run: agent.runId, held: agent.begun.length }, 'agent of a node made');
    } catch (error) {
      putOff(agent);
      log.error({ node: agent.node, run: agent.runId, problem: messageOf(error) }, 'agent of a node could not be made');
      if (!isForGood(error) || agent.begun.length > 0) return;
      await refuseAll(agent, { code: error.code, message: error.message });
    }
  };

  const refuseAll = async ({ waiting }: NeededNodeAgent, error: RecordError): Promise<void> => {
    for (const spec of waiting) {
      const message = `Injection "${spec.id}" was not started, nothing was touched: ${error.message}`;
      await refuse(spec, { code: error.code, message });
    }
  };

  const refuse = async (spec: InjectionSpec, error: RecordError): Promise<void> => {
    if ((await store.readStatus(spec.id)) !== null) return;
    // An agent may be beginning it at this moment, which a look does not show: one of us takes its journal, and that decides.
    if (!(await deps.forestall(spec))) return;
    await store.writeStatus({ ...refusedStatus(spec, error), agent: { ...deps.agent, pid: process.pid } });
    await store.releaseClaims(spec.id);
    log.warn({ injection: spec.id, code: error.code, problem: error.message }, 'injection refused before its agent was there');
  };

  while (!signal.aborted) {
    wake = new AbortController();
    try {
      await look();
    } catch (error) {
      if (!signal.aborted) log.warn({ problem: messageOf(error) }, 'agents of nodes could not be looked after, trying again');
    }
    await sleep(tickMs, undefined, { signal: AbortSignal.any([wake.signal, signal]) }).catch(() => {});
  }
  ends.forEach((endOne) => endOne());
}

function isForGood(error: unknown): error is AppError {
  return isAppError(error) && error.code !== 'upstream/unreachable';
}
