import { readFileSync } from 'node:fs';

export interface UnixUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The first of these users that this machine has; null when it has none. */
export function findUser(...names: readonly string[]): UnixUser | null {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of names) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return null;
}

export function weAreRoot(): boolean {
  return process.getuid?.() === 0;
}
