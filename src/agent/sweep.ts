import { setTimeout as sleep } from 'node:timers/promises';
import type { LeftBehind } from '../domain/injection/adoption.ts';
import { livingAgents } from '../domain/injection/living-agents.ts';
import { readAdoption, revertOnly, unknownReason } from './adoption.ts';
import type { AgentDependencies } from './dependencies.ts';
import type { InjectionDriver } from './injection-driver.ts';

/** An agent whose last sign of life is older than this is dead. */
const aliveForMs = 5_000;
const tickMs = 100;

export interface SweepResult {
  /** Reverted now, verified by reading back. */
  readonly reverted: readonly string[];
  /** Left alone: a living agent holds it, or its deadline and lease are not over. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** Could not be reverted, or not be verified, in time: somebody must look. */
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

/** Reverts what dead agents left behind, from records alone. `force` does not wait for deadlines and leases; nothing overrides a living agent. */
export async function sweep(
  deps: AgentDependencies,
  { force, timeoutMs }: { readonly force: boolean; readonly timeoutMs: number },
): Promise<SweepResult> {
  const skipped: { id: string; reason: string }[] = [];
  const failed: { id: string; reason: string }[] = [];
  const drivers = new Map<string, InjectionDriver>();
  const beats = await deps.store.readHeartbeats();
  const lastBeat = Math.max(0, ...beats.map(({ at }) => Date.parse(at)));
  const [alive] = livingAgents(beats, deps.clock.now(), aliveForMs);

  const specs = new Map((await deps.store.readSpecs()).map((spec) => [spec.id, spec]));
  for (const id of new Set([...specs.keys(), ...(await deps.journal.ids())])) {
    const adoption = await readAdoption(id, specs.get(id) ?? null, false, deps);
    if (adoption.kind === 'unknown') failed.push({ id, reason: `${unknownReason}. Look at the target yourself` });
    if (adoption.kind !== 'revert') continue;
    const { left } = adoption;
    const reason =
      alive === undefined ? (force ? null : notYet(left, lastBeat, deps.clock.now())) : `agent "${alive.name}" is alive`;
    if (reason !== null) {
      skipped.push({ id, reason });
      continue;
    }
    const revert = revertOnly(left, deps);
    if ('driver' in revert) drivers.set(id, revert.driver);
    else failed.push({ id, reason: revert.problem });
  }

  const until = deps.clock.monotonic() + timeoutMs;
  const open = (): InjectionDriver[] => [...drivers.values()].filter((driver) => !driver.finished());
  while (open().length > 0 && deps.clock.monotonic() < until) {
    open().forEach((driver) => driver.dispatch({ type: 'tick' }));
    await sleep(tickMs);
  }
  const reverted: string[] = [];
  for (const [id, driver] of drivers) {
    if (driver.finished()) reverted.push(id);
    else failed.push({ id, reason: `not verified within ${timeoutMs / 1000} s; look at the target yourself, then sweep again` });
    driver.abandon();
  }
  return { reverted, skipped, failed };
}

/** No agent is alive, so nothing was renewed since the last sign of life: one lease later every lease is over. */
function notYet({ spec }: LeftBehind, lastBeat: number, now: number): string | null {
  if (now >= Date.parse(spec.deadline) || now >= lastBeat + spec.leaseSeconds * 1000) return null;
  return `neither its deadline ${spec.deadline} nor its lease of ${spec.leaseSeconds} s is over`;
}
