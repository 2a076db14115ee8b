import { AppError } from './errors.ts';

/** The version of run and game day records that this program writes. Within a version records only gain fields. */
export const recordVersion = 1;

/**
 * Refuses a record that this program does not know how to read, before anything is read from it. `what` names it.
 * Errors: `record/newer`, `record/corrupt` when it does not say its version.
 */
export function refuseOtherVersions(what: string, record: unknown): void {
  const version = (record as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version === recordVersion) return;
  if (typeof version === 'number' && version > recordVersion) {
    throw new AppError(
      'record/newer',
      `${what} was written by a newer Firedrill, schemaVersion ${version}; this one reads ${recordVersion}. Update firedrill`,
    );
  }
  throw new AppError('record/corrupt', `${what} does not say its schemaVersion. Restore it from a copy`);
}
