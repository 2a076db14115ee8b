import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedProgram, type Program } from './program.ts';
import { cacheDirectory, runToEnd } from './programs.ts';
import { weAreRoot } from './unix-user.ts';

/** Programs of Debian packages, unpacked side by side into the cache and never installed. */
export function debianProgram<T>(packages: readonly string[], otherwise: string, use: (directory: string) => T): Program<T> {
  return cachedProgram({
    name: packages.join('+'),
    what: `the Debian package ${packages.join(' and ')}`,
    otherwise,
    use,
    async unpack(work) {
      await download(packages, work);
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
