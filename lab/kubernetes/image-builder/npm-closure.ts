import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { AppError } from '../../../src/domain/errors.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * The folders of these packages and of all they depend on, as `node_modules/…`, found as Node finds them: nested ones are
 * part of the package they are in. Errors: `part/missing`.
 */
export function npmClosure(nodeModules: string, names: readonly string[]): readonly string[] {
  const root = dirname(nodeModules);
  const found = new Set<string>();

  const visit = (name: string, from: string): void => {
    const folder = resolve(name, from, root);
    if (folder === null) {
      throw new AppError('part/missing', `the npm package ${name}, needed by ${from}, is not in ${nodeModules}. Run npm ci`);
    }
    if (found.has(folder)) return;
    found.add(folder);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    for (const dependency of Object.keys(manifest.dependencies ?? {})) visit(dependency, folder);
  };
  for (const name of names) visit(name, root);

  const paths = [...found].map((folder) => relative(root, folder)).sort();
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
}

function resolve(name: string, from: string, root: string): string | null {
  const folder = join(from, 'node_modules', name);
  if (existsSync(folder)) return folder;
  return from === root || from === dirname(from) ? null : resolve(name, dirname(from), root);
}
