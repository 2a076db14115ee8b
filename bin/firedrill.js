#!/usr/bin/env node
// Plain JavaScript: it must run on any Node, to find the one that can run the rest.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, 'dist/src/cli/main.js');
const entry = existsSync(built) ? built : join(root, 'src/cli/main.ts');

if (process.features.typescript || entry === built) {
  await import(entry);
} else {
  const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node');
  const { status, error } = spawnSync(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (error) throw error;
  process.exitCode = status ?? 70;
}
