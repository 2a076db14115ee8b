import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '../../domain/errors.ts';
import { hasEnded } from '../../ended.ts';

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** The process that has this pid now, or null when it is gone or only a zombie. */
export function readProcess(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  const parsed = stat === null ? null : parseStat(stat);
  return parsed === null ? null : { pid, startTime: parsed.startTime };
}

/** What /proc/<pid>/stat says; null for a zombie. */
export function parseStat(stat: string): { readonly startTime: string } | null {
  // The command name, in brackets, may hold spaces and brackets of its own: the fields are counted after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return startTime === undefined || state === 'Z' || state === 'X' ? null : { startTime };
}

export function isAlive(process: ProcessIdentity): boolean {
  return readProcess(process.pid)?.startTime === process.startTime;
}

/** False when that process is gone. Errors: `policy/denied` for pid 1 and for ourselves, `upstream/refused` when not permitted. */
export function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (target.pid <= 1 || target.pid === process.pid) {
    throw new AppError(
      'policy/denied',
      `process ${target.pid} is never signalled: it is init or this agent. Choose another target`,
    );
  }
  if (!isAlive(target)) return false;
  try {
    return process.kill(target.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw new AppError(
      'upstream/refused',
      `process ${target.pid} could not be signalled: ${messageOf(error)}. Run the agent as the process's user`,
      { cause: error },
    );
  }
}

function readStat(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (hasEnded(error)) return null;
    throw error;
  }
}
