import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { findOnPath } from '../host/programs.ts';

const config = join(import.meta.dirname, '../../kind-config.yaml');

/** The same shape where Docker runs. Errors: `part/missing` without kind; `part/died` when it fails, with its words above. */
export const kindUp = (): Promise<void> => kind('create', 'cluster', '--config', config);
export const kindDown = (): Promise<void> => kind('delete', 'cluster', '--name', 'firedrill');

async function kind(...args: readonly string[]): Promise<void> {
  const program = findOnPath('kind');
  if (program === null) {
    throw new AppError(
      'part/missing',
      'there is no kind on PATH. Install kind and Docker, or leave --kind out: the lab needs neither',
    );
  }
  const [code] = (await once(spawn(program, args, { stdio: 'inherit' }), 'close')) as [number | null];
  if (code !== 0) throw new AppError('part/died', `kind ${args.join(' ')} ended with ${code ?? 'a signal'}`);
}
