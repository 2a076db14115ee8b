#!/usr/bin/env node
// Plain JavaScript for any Node: it finds the one that can run the rest. A clone runs from its source, a package from its build.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src/cli/main.ts');
const fromSource = existsSync(source);
const entry = fromSource ? source : join(root, 'dist/src/cli/main.js');
const runs = fromSource ? Boolean(process.features.typescript) : Number.parseInt(process.versions.node, 10) >= 22;

if (runs) {
  // Not in a folder that others can write to: what they put there would run as us.
  const { HOME: home } = process.env;
  if (home !== undefined) module.enableCompileCache?.(join(home, '.cache', 'firedrill', 'compiled'));
  await import(entry);
} else {
  const node = packagedNode();
  if (node === null) {
    process.stderr.write(
      `firedrill: Node ${process.versions.node} is too old, 22 or newer is needed. Install that, or \`npm install node@24\` beside firedrill\n`,
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both: the child acts on it, and we stay until it has ended. Others end us alone, and must end it.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => (process.exitCode = code ?? 70));
}

function packagedNode() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node');
  } catch {
    return null;
  }
}
