import { spawnSync } from 'node:child_process';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// Makes dist/, which is what is published: plain JavaScript, for Node does not strip types under node_modules, and the
// workflows already bundled, so that a worker starts without a bundler.
const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

await rm(root('dist'), { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [root('node_modules/typescript/bin/tsc'), '--project', root('tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
);
if (status !== 0) process.exit(status ?? 1);
await copyFile(root('package.json'), root('dist/package.json'));
const { code } = await bundleWorkflowCode({
  workflowsPath: root('dist/workflows/index.js'),
  logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
});
await writeFile(root('dist/workflows/bundle.js'), code);
