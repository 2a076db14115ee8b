import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { z } from 'zod';
import { actionsFile } from '../src/spec/actions-file.ts';
import { inputShape } from '../src/spec/schema-shape.ts';
import { kinds } from '../src/spec/kinds.ts';

// Writes schemas/<kind>.schema.json for editors, from the schemas that the program itself uses.
// With --check it writes nothing, and fails when a file is not what it would write.
const checkOnly = process.argv.includes('--check');
const directory = new URL('../schemas/', import.meta.url);
await mkdir(directory, { recursive: true });

/** Every file that people write, whether it says its kind or not. */
const schemas: Readonly<Record<string, z.ZodType>> = { ...kinds, GameDayActions: actionsFile };

const stale: string[] = [];
for (const [kind, schema] of Object.entries(schemas)) {
  const path = fileURLToPath(new URL(`${kind.toLowerCase()}.schema.json`, directory));
  const options = { ...(await resolveConfig(path)), parser: 'json' };
  const text = await format(JSON.stringify({ title: kind, ...inputShape(schema) }), options);
  const present = await readFile(path, 'utf8').catch(() => null);
  if (present === text) continue;
  if (checkOnly) stale.push(`schemas/${kind.toLowerCase()}.schema.json`);
  else await writeFile(path, text);
}

if (stale.length > 0) {
  console.error(`${stale.join(', ')}: not what the code says. Run node tools/generate.ts and commit`);
  process.exitCode = 1;
}
