import { closeSync, existsSync, globSync, lstatSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { AppError, messageOf } from '../../../src/domain/errors.ts';
import { runToEnd } from '../../host/programs.ts';
import { placed } from './place.ts';

const LOADER = '/lib64/ld-linux-x86-64.so.2';

/** Copies files of an unpacked root into a layer; null takes all. Errors: `part/missing` for a path that is not there. */
export async function takeFromRoot(root: string, take: readonly string[] | null, folder: string): Promise<void> {
  if (take === null) {
    await runToEnd(['cp', '-a', '--no-target-directory', root, folder]);
    return;
  }
  const wanted = take.flatMap((pattern) => matches(root, pattern)).flatMap((path) => withTargets(root, path));
  const libraries = await Promise.all(wanted.map((path) => librariesOf(root, path)));
  const needed = libraries.flat().flatMap((path) => withTargets(root, path));
  for (const path of new Set([...wanted, ...needed])) {
    await runToEnd(['cp', '-a', '--no-target-directory', join(root, path), placed(folder, path)]);
  }
}

function matches(root: string, pattern: string): readonly string[] {
  const found = globSync(`.${pattern}`, { cwd: root }).map((path) => join('/', path));
  if (found.length > 0) return found;
  throw new AppError('part/missing', `no ${pattern} in ${root}. Name a file of the packages of that layer`);
}

/** A path and all its links lead to, each as a path of the root whose folders are no links. */
function withTargets(root: string, path: string): readonly string[] {
  const here = join('/', relative(root, realpathSync(join(root, dirname(path)))), basename(path));
  if (!lstatSync(join(root, here)).isSymbolicLink()) return [here];
  const target = resolve(dirname(here), readlinkSync(join(root, here)));
  return existsSync(join(root, target)) ? [here, ...withTargets(root, target)] : [here];
}

/** The shared libraries a program needs, as the root's own loader finds them. Errors: `part/missing`, when it cannot. */
async function librariesOf(root: string, path: string): Promise<readonly string[]> {
  if (!isElf(join(root, path))) return [];
  try {
    const output = await runToEnd(['chroot', root, LOADER, '--list', path]);
    return [...new Set(output.match(/\/\S+\.so\S*/g) ?? [])];
  } catch (error) {
    if (!messageOf(error).includes('error while loading shared libraries')) return []; // linked statically
    throw new AppError('part/missing', `${path} lacks a shared library in ${root}: ${messageOf(error)}`, { cause: error });
  }
}

function isElf(file: string): boolean {
  if (!lstatSync(file).isFile()) return false;
  const magic = Buffer.alloc(4);
  const handle = openSync(file, 'r');
  readSync(handle, magic);
  closeSync(handle);
  return magic.toString('latin1') === '\x7fELF';
}
