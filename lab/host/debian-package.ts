import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedProgram, type Program } from './program.ts';
import { cacheDirectory, runToEnd } from './programs.ts';
import { weAreRoot } from './unix-user.ts';

/** Programs of Debian packages, unpacked with the shared libraries this machine lacks into the cache, and never installed. */
export function debianProgram<T>(packages: readonly string[], otherwise: string, use: (directory: string) => T): Program<T> {
  return cachedProgram({
    name: packages.join('+'),
    what: `the Debian package ${packages.join(' and ')}`,
    otherwise,
    use,
    async unpack(work) {
      await download(packages, work);
      const libraries = await missingLibraries(packages);
      if (libraries.length > 0) await runToEnd(['apt-get', 'download', ...libraries], { cwd: work });
      const root = join(work, 'root');
      for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
        await runToEnd(['dpkg-deb', '-x', join(work, file), root]);
      }
      return root;
    },
  });
}

async function download(packages: readonly string[], cwd: string): Promise<void> {
  const argv = ['apt-get', 'download', ...packages];
  try {
    await runToEnd(argv, { cwd });
  } catch (error) {
    if (!weAreRoot()) throw error;
    // apt refuses a second update beside the first.
    await runToEnd(['flock', join(cacheDirectory(), 'apt.lock'), 'apt-get', 'update']);
    await runToEnd(argv, { cwd });
  }
}

/** Packages of shared libraries that apt would install with these. */
async function missingLibraries(packages: readonly string[]): Promise<readonly string[]> {
  const planned = await runToEnd(['apt-get', '--simulate', '--no-install-recommends', 'install', ...packages]);
  const names = planned.split('\n').flatMap((line) => /^Inst (\S+)/.exec(line)?.[1] ?? []);
  return names.filter((name) => name.startsWith('lib') && !name.endsWith('-perl') && !packages.includes(name));
}

/** Where unpacked packages have their shared libraries, as LD_LIBRARY_PATH takes it. */
export function libraryPath(root: string): string {
  const folders = ['usr/lib', 'lib'].map((name) => join(root, name)).filter((folder) => existsSync(folder));
  return folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name))).join(':');
}
