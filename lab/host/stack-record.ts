import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import type { PartRecord } from './part.ts';

/** What is started, mounted and made elsewhere, on disk from the moment it is: whoever comes later can end exactly that. */
export interface StackRecord {
  readonly parts: readonly PartRecord[];
  readonly mounts: readonly string[];
  /** Outside of the stack's own folder. */
  readonly folders: readonly string[];
}

const pathOf = (directory: string): string => join(directory, 'stack.json');

/** null when no stack is up there. Errors: `record/corrupt`. */
export function readStackRecord(directory: string): StackRecord | null {
  let text: string;
  try {
    text = readFileSync(pathOf(directory), 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text) as StackRecord;
  } catch (error) {
    throw new AppError(
      'record/corrupt',
      `${pathOf(directory)} cannot be read. End the stack's processes by hand, then remove it`,
      {
        cause: error,
      },
    );
  }
}

export function writeStackRecord(directory: string, record: StackRecord): void {
  mkdirSync(directory, { recursive: true });
  const path = pathOf(directory);
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

export function removeStackRecord(directory: string): void {
  rmSync(pathOf(directory), { force: true });
}
