import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import { refuseOtherVersions } from '../../domain/record-version.ts';

/**
 * A plan or a record, as it was written; null when it is not there.
 * Errors: `archive/failed`, `record/corrupt`, `record/newer`.
 */
export async function readRecordFile<T>(file: string): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new AppError('archive/failed', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      'record/corrupt',
      `${file} is not JSON: ${messageOf(error)}. Restore it from a copy; MANIFEST.sha256 beside a run tells which is whole`,
      { cause: error },
    );
  }
  refuseOtherVersions(file, record);
  return record as T;
}

/** Of a list: what cannot be read must not hide the rest. */
export async function readListed<T>(file: string): Promise<{ readonly record: T | null; readonly problem: string | null }> {
  try {
    return { record: await readRecordFile<T>(file), problem: null };
  } catch (error) {
    return { record: null, problem: messageOf(error) };
  }
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Whole or not at all: a reader never sees half a file, and a full disk leaves the old one. Errors: `archive/failed`. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const scratch = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(scratch, text);
    await rename(scratch, file);
  } catch (error) {
    throw new AppError('archive/failed', `cannot write ${file}: ${messageOf(error)}. Free space there`, { cause: error });
  }
}
