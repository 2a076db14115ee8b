import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../src/domain/errors.ts';
import { groupMembers, isAlive, readStat, type ProcessIdentity } from './process-identity.ts';
import type { UnixUser } from './unix-user.ts';

const POLL_MS = 100;
const STOP_GRACE_MS = 5_000;
/** A program that breaks says why first, and then at length where. */
const LOG_HEAD_LINES = 12;
const LOG_TAIL_LINES = 12;

/** How to start one part of the stack, and how to know that it is there. Paths are absolute. */
export interface PartCommand {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user?: UnixUser;
  readonly logFile: string;
  /** For people: where it listens. */
  readonly address: string;
  /** The signal after which it ends quickly and in order. */
  readonly stopSignal: NodeJS.Signals;
  readonly readyWithinMs: number;
  ready(): Promise<boolean>;
}

/** A started part, as it is kept on disk: enough for another process to end exactly it. */
export interface PartRecord extends ProcessIdentity {
  readonly name: string;
  readonly address: string;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
}

/**
 * Starts a part as the leader of its own process group, a child of nobody, and waits until it is ready.
 * `onStarted` is called as soon as there is a process, so that it can be ended even if we die while waiting; `onEnded`, while
 * this process lives, when one that was ready has ended, by whatever cause, with what to say of it.
 * Errors: `part/died` with the head and the tail of its log; `upstream/unreachable` when it lives but is not ready in time.
 */
export async function startPart(
  command: PartCommand,
  onStarted: (record: PartRecord) => void,
  onEnded: (what: string) => void = () => {},
): Promise<PartRecord> {
  const [program, ...args] = command.argv;
  const log = openSync(command.logFile, 'a');
  const child = spawn(program ?? '', args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    ...(command.user === undefined ? {} : { uid: command.user.uid, gid: command.user.gid }),
  });
  closeSync(log);
  child.unref();
  let ending: string | null = null;
  child.once('error', (error) => (ending = error.message));
  child.once('exit', (code, signal) => (ending = signal === null ? `exit code ${code}` : `signal ${signal}`));

  const pid = child.pid;
  if (pid === undefined) throw diedError(command, `could not be started: ${program}`);
  const record: PartRecord = {
    name: command.name,
    pid,
    startTime: readStat(pid)?.startTime ?? '',
    address: command.address,
    logFile: command.logFile,
    stopSignal: command.stopSignal,
  };
  onStarted(record);

  const giveUpAt = Date.now() + command.readyWithinMs;
  while (Date.now() < giveUpAt) {
    if (ending !== null) throw diedError(command, String(ending));
    if (await command.ready().catch(() => false)) {
      const say = (): void => onEnded(`${command.name} has ended by itself (${ending}). Its log: ${command.logFile}`);
      if (ending === null) child.once('exit', say);
      else say();
      return record;
    }
    await sleep(POLL_MS);
  }
  throw new AppError(
    'upstream/unreachable',
    `${command.name} runs (pid ${pid}) but was not ready at ${command.address} within ${command.readyWithinMs / 1000} s. ` +
      `Look into ${command.logFile}`,
  );
}

/** Ends a part and everything in its process group; a part that is gone already is fine. */
export async function stopPart(record: PartRecord): Promise<void> {
  if (isAlive(record)) process.kill(record.pid, record.stopSignal);
  if (await groupEnds(record, STOP_GRACE_MS)) return;
  for (const pid of groupMembers(record)) killQuietly(pid);
  if (await groupEnds(record, STOP_GRACE_MS)) return;
  throw new AppError('upstream/refused', `${record.name} (pid ${record.pid}) does not end, not even when killed. End it by hand`);
}

async function groupEnds(record: PartRecord, withinMs: number): Promise<boolean> {
  for (const giveUpAt = Date.now() + withinMs; Date.now() < giveUpAt; await sleep(POLL_MS / 2)) {
    if (groupMembers(record).length === 0) return true;
    // Without its leader a group ends no part of itself in order: there is nothing to wait for.
    if (!isAlive(record)) for (const pid of groupMembers(record)) killQuietly(pid);
  }
  return false;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function diedError(command: PartCommand, how: string): AppError {
  return new AppError(
    'part/died',
    `${command.name} ended before it was ready (${how}). Its log, ${command.logFile}:\n${endsOf(command.logFile)}`,
    { details: { part: command.name } },
  );
}

/** How a log begins and how it ends. */
function endsOf(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  const left = lines.length - LOG_HEAD_LINES - LOG_TAIL_LINES;
  if (left <= 0) return lines.join('\n');
  return [...lines.slice(0, LOG_HEAD_LINES), `… ${left} lines …`, ...lines.slice(-LOG_TAIL_LINES)].join('\n');
}
