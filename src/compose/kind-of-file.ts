import { specFiles } from '../adapters/host/spec-files.ts';
import type { Kind } from '../spec/kinds.ts';
import { parseSpec } from '../spec/parse-spec.ts';

/** Null when the file has problems: whoever reads it for its content tells them all. Errors: `spec/not-found`. */
export async function kindOfFile(file: string): Promise<Kind | null> {
  return parseSpec(file, await specFiles.read(file)).spec?.kind ?? null;
}
