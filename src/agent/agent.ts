import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';
import type { InjectionEvent } from '../domain/injection/state.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { PermitLook } from '../ports/injections.ts';
import type { WatchRecords } from '../ports/record-watch.ts';
import { adopt } from './adoption.ts';
import type { AgentDependencies } from './dependencies.ts';
import type { InjectionDriver } from './injection-driver.ts';
import { readRecords } from './records-reading.ts';
import type { Records } from './records-reading.ts';
import { createTakeUps } from './take-ups.ts';

const tickMs = 100;
const heartbeatMs = 1_000;
/** After a shutdown was asked for, the agent reverts for this long before it leaves the rest to its next life. */
const shutdownMs = 30_000;

export interface Agent {
  /** Resolves when what an earlier life left behind is being reverted and new injections are taken. */
  start(): Promise<void>;
  /** Takes nothing new, reverts all that is held, resolves when that is verified; false when something is left. */
  stop(): Promise<boolean>;
  /** Ends at once and reverts nothing, as a crash does. */
  abandon(): void;
}

export interface RecordsInSight {
  readonly watch: WatchRecords;
  /** Records are read at least this often, ms, changed or not: what the watch may miss, and what a look at a permit is worth. */
  readonly pollMs: number;
}

/** The shell around the reducer: reads records on a tick and on each change, and hands each injection what concerns it. */
export function createAgent(deps: AgentDependencies & RecordsInSight): Agent {
  const drivers = new Map<string, InjectionDriver>();
  const done = new Set<string>();
  const timers: NodeJS.Timeout[] = [];
  /** What an earlier life began: each is taken up, at the first look or a later one, also when its spec is gone. */
  let journaled: readonly string[] = [];
  /** What was there at the first look: who wrote it may be long dead. */
  let found: ReadonlySet<string> = new Set();
  /** What each was last told of its permit: the same look says nothing new. */
  const told = new WeakMap<InjectionDriver, PermitLook>();
  let latest: Records | null = null;
  /** When the last look that saw anything began. */
  let lookedAt = Number.POSITIVE_INFINITY;
  let unwatch = (): void => {};
  let polling: Promise<void> | null = null;
  let polledAt = Number.NEGATIVE_INFINITY;
  let pollAgain = false;
  let beating = false;
  let stopping = false;

  const dispatchAll = (event: InjectionEvent): void => drivers.forEach((driver) => driver.dispatch(event));

  const poll = (): Promise<void> => {
    if (polling !== null) pollAgain = true;
    polling ??= pollOnce().finally(() => {
      polling = null;
      if (pollAgain) {
        pollAgain = false;
        void poll();
      }
    });
    return polling;
  };

  const pollOnce = async (): Promise<void> => {
    polledAt = deps.clock.monotonic();
    try {
      const runs = new Set([...drivers.values()].map((driver) => driver.runId));
      const began = deps.clock.monotonic();
      const records = await readRecords(deps, { runs, ended: done, since: lookedAt });
      lookedAt = began;
      hand(records);
      if (latest === null) found = new Set(records.specs.keys());
      latest = records;
      const known = (id: string): boolean => drivers.has(id) || done.has(id) || takeUps.has(id);
      // Not waited for: what is held already must hear of the next renewal, revert and halt.
      if (!stopping) takeUps.add([...new Set([...records.specs.keys(), ...journaled])].filter((id) => !known(id)));
    } catch (error) {
      // Nothing seen renews nothing: leases run out by themselves.
      deps.log.warn({ problem: messageOf(error) }, 'records could not be read');
    }
  };

  /** Halt and damage first: of two things seen at once, the one that ends counts. */
  const hand = (records: Records): void => {
    if (records.halted) dispatchAll({ type: 'halt' });
    for (const [id, driver] of drivers) {
      const spec = records.specs.get(id);
      if (spec === undefined) driver.dispatch({ type: 'corrupt', problem: `the spec of "${id}" is gone` });
      else if (isCorrupt(spec)) driver.dispatch({ type: 'corrupt', problem: spec.problem });
      if (records.withdrawn.has(id)) driver.dispatch({ type: 'withdrawn' });
    }
    for (const driver of drivers.values()) {
      const look = records.permits.get(driver.runId);
      if (look === undefined || told.get(driver) === look) continue;
      told.set(driver, look);
      const { permit, since } = look;
      if (permit !== null && isCorrupt(permit)) driver.dispatch({ type: 'corrupt', problem: permit.problem });
      else driver.dispatch({ type: 'permit', permit, readAt: since });
    }
  };

  const takeUp = async (id: string): Promise<void> => {
    if (latest === null || stopping) return;
    try {
      const driver = await adopt(id, { spec: latest.specs.get(id) ?? null, halted: latest.halted, found: found.has(id) }, deps);
      if (driver === null) {
        done.add(id);
        return;
      }
      drivers.set(id, driver);
      // It began after the last read: what its run's permit says is read again at once.
      void poll();
      driver.dispatch({ type: 'tick' });
    } catch (error) {
      deps.log.warn({ injection: id, problem: messageOf(error) }, 'injection could not be taken up, trying again');
    }
  };

  const takeUps = createTakeUps(takeUp);

  const tick = (): void => {
    const now = { mono: deps.clock.monotonic(), wall: deps.clock.now() };
    for (const [id, driver] of drivers) {
      driver.tick(now);
      if (!driver.finished()) continue;
      drivers.delete(id);
      done.add(id);
    }
    if (now.mono - polledAt >= deps.pollMs) void poll();
  };

  const beat = async (): Promise<void> => {
    if (beating) return;
    beating = true;
    try {
      const at = new Date(deps.clock.now()).toISOString();
      const faults = deps.policy.allowFaults.filter((name) => deps.faults.some((fault) => fault.name === name));
      await deps.store.writeHeartbeat({ name: deps.name, pid: process.pid, version: deps.version, at, faults });
    } catch (error) {
      deps.log.warn({ problem: messageOf(error) }, 'heartbeat not stored');
    } finally {
      beating = false;
    }
  };

  const end = (): void => {
    timers.forEach((timer) => clearInterval(timer));
    unwatch();
  };

  return {
    async start() {
      journaled = await deps.journal.ids();
      await poll();
      await takeUps.tried();
      if (stopping) return;
      unwatch = deps.watch(() => void poll());
      // What changed before somebody watched.
      void poll();
      timers.push(
        setInterval(tick, tickMs),
        setInterval(() => void beat(), heartbeatMs),
      );
      await beat();
    },
    async stop() {
      stopping = true;
      const until = deps.clock.monotonic() + shutdownMs;
      do {
        // Again and again: one that was just being taken up must end too. The store is not waited for; it may be frozen.
        dispatchAll({ type: 'shutdown' });
        await sleep(tickMs / 2);
      } while (drivers.size + takeUps.size() > 0 && deps.clock.monotonic() < until);
      end();
      if (drivers.size > 0) deps.log.error({ injections: [...drivers.keys()] }, 'left before every revert was verified');
      return drivers.size === 0;
    },
    abandon() {
      stopping = true;
      end();
      drivers.forEach((driver) => driver.abandon());
    },
  };
}
