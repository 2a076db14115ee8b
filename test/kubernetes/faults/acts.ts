import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { AgentPolicy, Evidence, Fault, FaultContext } from '../../../src/faults/fault.ts';
import { createContext, type TestContext } from '../../faults/context.ts';
import type { Subject } from '../../faults/fault-contract.ts';
import { untilGone } from '../../faults/until-gone.ts';
import { until } from '../../faults/until.ts';

/** A fault in effect, as an agent brings it there. */
export interface Act {
  readonly fault: Fault;
  readonly target: TargetRef;
  readonly params: JsonObject;
  readonly undo: JsonObject;
  readonly context: TestContext;
  readonly evidence: Evidence;
  /** Since inject was called. */
  readonly times: { readonly injectedMs: number; readonly verifiedMs: number };
  elapsedMs(): number;
}

let lastId = 0;

/** Prepares, injects, and waits until verify sees it. */
export async function begin<P extends JsonObject, U extends JsonObject>(
  fault: Fault<P, U>,
  target: TargetRef,
  given: JsonObject,
  lent: Partial<Pick<FaultContext, 'cluster' | 'node'>> & {
    readonly policy?: Partial<AgentPolicy>;
    readonly patienceMs?: number;
  },
): Promise<Act> {
  const { policy = {}, patienceMs, ...tools } = lent;
  const context = createContext(`act-${process.pid}-${(lastId += 1)}`, policy, tools);
  const params = fault.params.parse(given);
  const undo = JSON.parse(JSON.stringify(await fault.prepare(context, target, params))) as U;
  await fault.arm?.(context, target, params, undo);
  const startedAt = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedAt);
  await fault.inject(context, target, params, undo);
  const injectedMs = elapsedMs();
  let seen = await fault.verify(context, target, params, undo);
  const isSeen = async (): Promise<boolean> => seen.present || (seen = await fault.verify(context, target, params, undo)).present;
  await until('verify sees it', isSeen, patienceMs);
  const times = { injectedMs, verifiedMs: elapsedMs() };
  const grown = Object.assign({}, undo, ...context.journaled) as U;
  return { fault: fault as unknown as Fault, target, params, undo: grown, context, evidence: seen, times, elapsedMs };
}

/** Reverts, and waits until nothing is left. `revertsAgain`: as the subject of a contract. */
export async function finish(
  { fault, target, undo, context }: Act,
  { patienceMs, revertsAgain }: Pick<Subject, 'patienceMs' | 'revertsAgain'> = {},
): Promise<{ evidence: Evidence; times: { revertedMs: number; goneMs: number }; elapsedMs: () => number }> {
  const startedAt = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedAt);
  await fault.revert(context, target, undo);
  const revertedMs = elapsedMs();
  const grown = Object.assign({}, undo, ...context.journaled) as JsonObject;
  const again = (): Promise<void> => fault.revert(context, target, grown);
  const look = (): Promise<Evidence> => fault.verifyReverted(context, target, grown);
  const evidence = await untilGone(look, revertsAgain === true ? again : null, patienceMs);
  return { evidence, times: { revertedMs, goneMs: elapsedMs() }, elapsedMs };
}
