/** Of a process, its file in /proc and its cgroup's: gone before the look, or in its middle. */
const endedCodes: readonly unknown[] = ['ENOENT', 'ESRCH', 'ENODEV'];

/** Whether a read failed because what it was about has ended. Whatever else a read fails for (EMFILE, ENOMEM, EACCES) tells nothing. */
export function hasEnded(error: unknown): boolean {
  return endedCodes.includes((error as NodeJS.ErrnoException | null)?.code);
}
