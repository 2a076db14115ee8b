import { globSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';

// Makes what the agents' image holds of us, in the folder that is named: each program with all it needs in a few files, for a
// fault waits until its agent and its helpers have started. What programs share lies beside `src`'s own files, so that they find
// each other and package.json where they do in the tree.
const [, , folder] = process.argv;
if (folder === undefined) {
  process.stderr.write('usage: node tools/build-agent.ts FOLDER\n');
  process.exit(2);
}
const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * Node makes a module of its own that is imported by reading all its exports, and those of its HTTP include a WebSocket: 40 ms of the
 * processor, for what no agent uses. Asked for by name it brings what is used.
 */
const httpByName: Plugin = {
  name: 'http-by-name',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, () => ({ path: 'node:http', namespace: 'by-name' }));
    onLoad({ filter: /^/, namespace: 'by-name' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
    }));
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  outbase: root('src'),
  outdir: join(folder, 'src'),
  logLevel: 'warning',
  plugins: [httpByName],
} satisfies BuildOptions;

/** Two of them start in a pod's network for each fault there: Node takes 9 ms less of the processor to load the older form. */
const inPods = ['dns-proxy', 'link-prober', 'redirect-relay'];
const programOf = (helper: string): string => root(`src/agent/${helper}/main.ts`);

await build({ ...shared, entryPoints: inPods.map(programOf), format: 'cjs' });
for (const helper of inPods) await writeFile(join(folder, 'src/agent', helper, 'package.json'), '{ "type": "commonjs" }\n');

await build({
  ...shared,
  entryPoints: [
    ...['compose/cluster-agent.ts', 'compose/node-agent.ts', 'compose/runner.ts', 'agent/stress/launch.ts'].map((path) =>
      root(`src/${path}`),
    ),
    ...globSync(root('src/agent/*/main.ts'), { exclude: inPods.map(programOf) }),
  ],
  splitting: true,
  format: 'esm',
  chunkNames: '[name]-[hash]',
  // Packages that are CommonJS ask for Node's own parts with it.
  banner: { js: "import { createRequire as requirer } from 'node:module'; const require = requirer(import.meta.url);" },
  // Its other form reads a file that would not be beside it.
  alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
  // Optional, and not there.
  external: ['pg-native'],
});
await copyFile(root('package.json'), join(folder, 'package.json'));
