import { closeSync, openSync, readSync } from 'node:fs';

/** A process as long as it is itself: the open file is of that process, and of no other that has its pid later. */
export function watchProcess(pid: number): { isAlive(): boolean; close(): void } {
  const file = openSync(`/proc/${pid}/stat`, 'r');
  const buffer = Buffer.alloc(512);
  return {
    isAlive() {
      try {
        const text = buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0));
        return !/^[ZX]/.test(text.slice(text.lastIndexOf(')') + 2));
      } catch {
        return false; // ESRCH
      }
    },
    close: () => closeSync(file),
  };
}
