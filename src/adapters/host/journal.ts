import { open, readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { JsonObject } from '../../domain/json.ts';
import type { CorruptRecord } from '../../ports/injections.ts';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import { createDurably, hasCode } from './durable-file.ts';
import { reach, recordPath, unreachable } from './record-file.ts';
import { specSchema } from '../records/schemas.ts';

/** One file of JSON lines per injection under `<directory>/journal`: the spec with its undo first, then deltas. */
export function createJournal(directory: string): Journal {
  const folder = join(directory, 'journal');
  const pathOf = (id: string): string => recordPath(folder, id).replace(/json$/, 'jsonl');

  return {
    open: (spec, undo) => reach(folder, () => createDurably(pathOf(spec.id), `${JSON.stringify({ spec, undo })}\n`)),
    append: (id, delta) => reach(folder, () => appendDurably(pathOf(id), `${JSON.stringify({ delta })}\n`)),
    async read(id) {
      try {
        return decode(id, await readFile(pathOf(id), 'utf8'));
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return null;
        throw unreachable(folder, error);
      }
    },
    async ids() {
      const names = await reach(folder, () => readdir(folder));
      return names.filter((name) => name.endsWith('.jsonl')).map((name) => basename(name, '.jsonl'));
    },
  };
}

async function appendDurably(path: string, line: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    // One leading newline: a line that a crash tore off must not swallow this one.
    await file.appendFile(`\n${line}`);
    await file.sync();
  } finally {
    await file.close();
  }
}

function decode(id: string, text: string): JournalEntry | CorruptRecord {
  const [first, ...rest] = text.split('\n').filter((line) => line !== '');
  const opened = parseLine(first ?? '');
  const spec = specSchema.safeParse(opened?.['spec']);
  const undo = opened?.['undo'];
  if (!spec.success || !isObject(undo) || spec.data.id !== id) {
    return { corrupt: true, id, problem: `the journal of "${id}" does not begin with its spec and undo` };
  }
  // A torn delta was never acknowledged, so the change it would undo was never made.
  const deltas = rest.map((line) => parseLine(line)?.['delta']).filter(isObject);
  return { id, spec: spec.data, undo: deltas.reduce((whole, delta) => ({ ...whole, ...delta }), undo) };
}

function parseLine(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
