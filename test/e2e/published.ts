import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const execute = promisify(execFile);

/**
 * Packs the project and lays it out as `npm install` would, beside links to just what it declares to need. Gives the path of
 * its command line: what these tests run is what is published.
 */
export async function installPackage(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const packed = await execute('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', directory], { cwd: root });
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n'))) as [{ filename: string }];
  const installed = join(directory, 'node_modules/firedrill');
  await mkdir(installed, { recursive: true });
  await execute('tar', ['-xzf', join(directory, filename), '--strip-components=1', '-C', installed]);
  for (const path of await productionPackages()) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await symlink(join(root, path), join(directory, path));
  }
  return join(installed, 'bin/firedrill.js');
}

/** Top-level packages of the lock file that are not for development only. */
async function productionPackages(): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && dev !== true)
    .map(([path]) => path);
}
