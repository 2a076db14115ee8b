import { globSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Makes what the agents' image holds of us, in the folder that is named: each program with all it needs in a few files, for a
// fault waits until its agent and its helpers have started. What programs share lies beside `src`'s own files, so that they find
// each other and package.json where they do in the tree.
const [, , folder] = process.argv;
if (folder === undefined) {
  process.stderr.write('usage: node tools/build-agent.ts FOLDER\n');
  process.exit(2);
}
const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

await build({
  entryPoints: [
    ...['compose/cluster-agent.ts', 'compose/node-agent.ts', 'agent/stress/launch.ts'].map((path) => root(`src/${path}`)),
    ...globSync(root('src/agent/*/main.ts')),
  ],
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outbase: root('src'),
  outdir: join(folder, 'src'),
  chunkNames: '[name]-[hash]',
  // Packages that are CommonJS ask for Node's own parts with it.
  banner: { js: "import { createRequire as requirer } from 'node:module'; const require = requirer(import.meta.url);" },
  // Its other form reads a file that would not be beside it.
  alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
  // Optional, and not there.
  external: ['pg-native'],
  logLevel: 'warning',
});
await copyFile(root('package.json'), join(folder, 'package.json'));
