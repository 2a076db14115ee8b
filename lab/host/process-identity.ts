import { readdirSync, readFileSync } from 'node:fs';

/** A pid alone is reused by the kernel; with its start time (ticks since boot) it is one process. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

interface ProcessStat {
  readonly state: string;
  readonly group: number;
  readonly startTime: string;
}

/** null when there is no such process. */
export function readStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; fields are counted after it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/** A zombie is not alive. */
export function isAlive(process: ProcessIdentity): boolean {
  const stat = readStat(process.pid);
  return stat !== null && stat.state !== 'Z' && stat.startTime === process.startTime;
}

/** The living members of the process group this process leads, or led. Empty when its pid belongs to another process now. */
export function groupMembers(leader: ProcessIdentity): number[] {
  const now = readStat(leader.pid);
  if (now !== null && now.startTime !== leader.startTime) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const stat = readStat(pid);
      return (
        stat !== null && stat.state !== 'Z' && stat.group === leader.pid && Number(stat.startTime) >= Number(leader.startTime)
      );
    });
}
