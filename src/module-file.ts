import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file of one of our modules, named without its ending: `.ts` when run from source, `.js` when run from the build. */
export function moduleFile(path: string, from: string): string {
  return fileURLToPath(new URL(path + extname(from), from));
}
