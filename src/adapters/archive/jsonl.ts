import { appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Appends lines to a file; each append is one write, so a reader sees whole lines or none of the last. */
export async function appendLines(file: string, values: readonly unknown[]): Promise<void> {
  if (values.length === 0) return;
  await appendFile(file, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
}

/** All lines of all `<prefix>*.jsonl` in a folder. A torn last line (its writer was killed) is left out, nothing else is. */
export async function readSegments<T>(directory: string, prefix: string): Promise<T[]> {
  const names = (await readdir(directory).catch(() => [] as string[])).filter(
    (name) => name.startsWith(prefix) && name.endsWith('.jsonl'),
  );
  const texts = await Promise.all(names.sort().map((name) => readFile(join(directory, name), 'utf8')));
  return texts.flatMap((text) => {
    const lines = text.split('\n');
    const whole = lines.slice(0, -1);
    return whole.map((line) => JSON.parse(line) as T);
  });
}
