import { appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Appends lines to a file, in one write. It begins with a newline: a line that a full disk or a crash tore off must not
 * swallow the next one.
 */
export async function appendLines(file: string, values: readonly unknown[]): Promise<void> {
  if (values.length === 0) return;
  await appendFile(file, `\n${values.map((value) => `${JSON.stringify(value)}\n`).join('')}`);
}

/** All lines of all `<prefix>*.jsonl` in a folder. Torn ones, whose writer was told or was killed, are left out. */
export async function readSegments<T>(directory: string, prefix: string): Promise<T[]> {
  const names = (await readdir(directory).catch(() => [] as string[])).filter(
    (name) => name.startsWith(prefix) && name.endsWith('.jsonl'),
  );
  const texts = await Promise.all(names.sort().map((name) => readFile(join(directory, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').flatMap((line) => parsed<T>(line)));
}

function parsed<T>(line: string): T[] {
  try {
    return [JSON.parse(line) as T];
  } catch {
    return [];
  }
}
