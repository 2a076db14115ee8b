import type { Migration } from './migration.ts';

/** One line per change of a format, oldest first. Empty: 0.1.0 is the first release, and there is nothing older to read. */
export const migrations: readonly Migration[] = [];
