import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, messageOf } from '../../src/domain/errors.ts';
import { cacheDirectory, runToEnd } from './programs.ts';
import { weAreRoot } from './unix-user.ts';

/**
 * Unpacks Debian packages side by side into the cache, never installed, and returns that folder.
 * Says first what it will fetch. Errors: `part/missing` with `otherwise`, what to do without Debian's packages.
 */
export async function unpackDebianPackages(
  packages: readonly string[],
  otherwise: string,
  report: (line: string) => void,
): Promise<string> {
  const cache = cacheDirectory();
  const directory = join(cache, packages.join('+'));
  if (existsSync(directory)) return directory;
  report(`fetching the Debian package ${packages.join(' and ')} into ${directory} (unpacked there, not installed)`);
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    await download(packages, work);
    const root = join(work, 'root');
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      await runToEnd(['dpkg-deb', '-x', join(work, file), root]);
    }
    // One step, last: a cache that is there is whole.
    renameSync(root, directory);
  } catch (error) {
    throw new AppError('part/missing', `the Debian package ${packages.join(' and ')} could not be fetched. ${otherwise}`, {
      cause: error,
      details: { problem: messageOf(error) },
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return directory;
}

async function download(packages: readonly string[], cwd: string): Promise<void> {
  const argv = ['apt-get', 'download', ...packages];
  try {
    await runToEnd(argv, { cwd });
  } catch (error) {
    if (!weAreRoot()) throw error;
    await runToEnd(['apt-get', 'update']);
    await runToEnd(argv, { cwd });
  }
}
