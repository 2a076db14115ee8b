import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import type { Fault, FaultContext, ProcessRef } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { locate } from './shared/locator.ts';
import { milliseconds } from '../quantities.ts';

const params = z
  .strictObject({
    signal: z.enum(['term', 'kill']).default('term').describe('term lets the process end gracefully, kill does not'),
    every: milliseconds(2000, 3_600_000)
      .nullable()
      .default(null)
      .describe('kill again at this interval whatever has taken its place'),
    times: z.int().min(2).max(1000).nullable().default(null).describe('with every: stop after so many kills'),
  })
  .refine(({ every, times }) => times === null || every !== null, { message: 'times needs every', path: ['times'] })
  .transform(({ signal, every, times }) => ({ signal, everyMs: every, times }));
type Params = z.infer<typeof params>;

/** Nothing to bring back; what was killed, for the record. Each further kill is journaled as `kills` and `last`. */
type Undo = { readonly pid: number; readonly startTime: string; readonly command: string };

const locator = z.object({ pid: z.int().positive(), startTime: z.string(), pidFile: z.string().optional() });

interface Pulses {
  kills: number;
  last: ProcessRef;
  nextAt: number;
}
/** Lost with the agent on purpose: an agent that restarts ends what it finds and starts no kill. */
const pulsing = new Map<string, Pulses>();

export const processKill: Fault<Params, Undo> = {
  name: 'process-kill',
  summary: 'Ends a process, gracefully or not, once or again and again',
  effect: 'event',
  effectFor: ({ everyMs }) => (everyMs === null ? 'event' : 'pulsed'),
  lifetime: 'process',
  targets: ['process'],
  agents: ['host'],
  params,

  claims: (target) => [claimOf(target)],

  async prepare({ host }, target, { everyMs }) {
    const { pid, startTime, pidFile } = locate(locator, target);
    if (!host.isAlive({ pid, startTime })) throw goneBefore(target, pid);
    if (everyMs !== null && pidFile === undefined) {
      throw new AppError(
        'spec/invalid',
        `${target.service}/${target.name} has no pidFile, so what replaces it cannot be found. Add one`,
      );
    }
    return { pid, startTime, command: await commandOf(host, pid) };
  },

  async inject(context, target, { signal, everyMs }, { pid, startTime }) {
    context.signal.throwIfAborted();
    if (!context.host.signal({ pid, startTime }, signalName(signal))) throw goneBefore(target, pid);
    if (everyMs !== null) {
      pulsing.set(context.injectionId, { kills: 1, last: { pid, startTime }, nextAt: performance.now() + everyMs });
    }
  },

  async verify({ host }, target, _params, { pid, startTime }) {
    const present = !host.isAlive({ pid, startTime });
    const replacement = await currentProcess(host, target);
    return {
      present,
      summary: `process ${pid} of ${target.name} ${present ? 'is gone' : 'still runs'}`,
      data: { pid, replacementPid: replacement === null || replacement.startTime === startTime ? null : replacement.pid },
    };
  },

  async revert({ injectionId }) {
    pulsing.delete(injectionId);
  },

  async verifyReverted({ injectionId }, target) {
    return { present: pulsing.has(injectionId), summary: `no further kill of ${target.name} is pending`, data: {} };
  },

  async adjust(context, target, { signal, everyMs, times }, { command }) {
    const pulses = pulsing.get(context.injectionId);
    const finished = pulses === undefined || (times !== null && pulses.kills >= times);
    if (finished || everyMs === null || performance.now() < pulses.nextAt) return;
    const current = await currentProcess(context.host, target);
    // Not back yet, still ending, or the pid in the file is another program's by now: the next call looks again.
    if (current === null || isSame(current, pulses.last)) return;
    if ((await commandOf(context.host, current.pid)) !== command) return;
    pulses.kills += 1;
    pulses.last = current;
    pulses.nextAt = performance.now() + everyMs;
    await context.journal({ kills: pulses.kills, last: { pid: current.pid, startTime: current.startTime } });
    if (!context.signal.aborted && pulsing.has(context.injectionId)) context.host.signal(current, signalName(signal));
  },
};

const isSame = (one: ProcessRef, other: ProcessRef): boolean => one.pid === other.pid && one.startTime === other.startTime;

const signalName = (signal: Params['signal']): NodeJS.Signals => (signal === 'kill' ? 'SIGKILL' : 'SIGTERM');

function goneBefore(target: TargetRef, pid: number): AppError {
  return new AppError(
    'target/none',
    `process ${pid} of ${target.service}/${target.name} was gone before it could be killed. Plan again to find its replacement`,
  );
}

async function currentProcess(host: FaultContext['host'], target: TargetRef): Promise<ProcessRef | null> {
  const { pidFile } = locate(locator, target);
  if (pidFile === undefined) return null;
  const pid = Number((await host.files.readText(pidFile).catch(() => '')).trim());
  return Number.isSafeInteger(pid) && pid > 1 ? host.readProcess(pid) : null;
}

async function commandOf(host: FaultContext['host'], pid: number): Promise<string> {
  return (await host.files.readText(`/proc/${pid}/cmdline`).catch(() => '')).replaceAll('\0', ' ').trim();
}
