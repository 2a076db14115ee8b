import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Long enough never to meet another by chance, short enough for a file name. */
const LENGTH = 16;

/** One hash of values and files: what is the same has the same name in the cache. */
export function contentHash(values: readonly unknown[], files: readonly string[] = []): string {
  const hash = createHash('sha256').update(JSON.stringify(values));
  for (const file of files) addFile(hash, file, '');
  return hash.digest('hex').slice(0, LENGTH);
}

/** Names and contents, not times or owners: a fresh checkout has the same hash. */
function addFile(hash: Hash, file: string, name: string): void {
  const stat = lstatSync(file);
  if (stat.isDirectory()) {
    for (const child of readdirSync(file).sort()) addFile(hash, join(file, child), `${name}/${child}`);
    return;
  }
  const content = stat.isSymbolicLink() ? readlinkSync(file) : readFileSync(file);
  hash.update(`\0${name}\0${stat.mode & 0o111 ? 'x' : '-'}\0`).update(content);
}
