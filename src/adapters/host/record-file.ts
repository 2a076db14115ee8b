import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { CorruptRecord } from '../../ports/injections.ts';
import { hasCode } from './durable-file.ts';
import { checkRecordName, parseRecord } from '../records/parse.ts';

/** The path of a record. Throws `spec/invalid` for an id that is not a plain file name. */
export function recordPath(directory: string, id: string): string {
  checkRecordName(id, /./, 'letters, digits, dots, dashes and underscores');
  return join(directory, `${id}.json`);
}

/** Ids of the records in a directory; other files, such as half-written temporary ones, are not records. */
export async function recordIds(directory: string): Promise<readonly string[]> {
  const names = await reach(directory, () => readdir(directory));
  return names.filter((name) => name.endsWith('.json')).map((name) => basename(name, '.json'));
}

/** null when there is none; corrupt when it is not what the schema says or belongs to another id. */
export async function readRecord<T extends object>(
  path: string,
  schema: z.ZodType<T>,
  idOf: (record: T) => string,
): Promise<T | CorruptRecord | null> {
  const id = basename(path, '.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw unreachable(path, error);
  }
  const corrupt = (problem: string): CorruptRecord => ({ corrupt: true, id, problem: `${path}: ${problem}` });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return corrupt(messageOf(error));
  }
  const parsed = parseRecord(schema, json, { id, where: path });
  if ('corrupt' in parsed) return parsed;
  return idOf(parsed) === id ? parsed : corrupt(`holds the record of "${idOf(parsed)}"`);
}

/** Runs a file operation; what it throws becomes `upstream/unreachable`. */
export async function reach<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw unreachable(path, error);
  }
}

/** What a record store says that cannot be used. */
export function unreachable(path: string, cause: unknown): AppError {
  return new AppError(
    'upstream/unreachable',
    `The record store at ${path} could not be used: ${messageOf(cause)}. Check that it exists and is writable`,
    { cause },
  );
}
