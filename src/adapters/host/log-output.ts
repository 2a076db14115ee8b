import { constants, openSync, writeSync } from 'node:fs';

/** Where log lines go. A full disk, or a reader who stands still, costs lines: never an error, and never a wait. */
export function createLogOutput(fd: number): { write(line: string): void } {
  const own = openAnew(fd);
  return {
    write(line) {
      try {
        writeSync(own, line);
      } catch {
        // Lost: who reverts faults must not die, or stand still, because nobody takes its log.
      }
    },
  };
}

/** The same file, pipe or terminal, opened so that it never makes us wait; others who write there keep waiting as they did. */
function openAnew(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    return fd; // a socket cannot be opened again
  }
}
