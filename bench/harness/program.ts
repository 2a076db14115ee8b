import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { AppError } from '../../src/domain/errors.ts';

/** A process of the bench's own. */
export interface Program {
  readonly pid: number;
  /** Ends it with the signal and waits until it is gone. One that is gone already is fine. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a Node program and gives the first line that it prints. Errors: `part/died` when it prints none. */
export async function startProgram(args: readonly string[]): Promise<Program & { readonly firstLine: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines = createInterface(child.stdout);
  const said = await Promise.race([once(lines, 'line') as Promise<[string]>, ended.then(() => null)]);
  if (said === null || child.pid === undefined) throw new AppError('part/died', `${args.join(' ')} ended before it was ready`);
  return {
    pid: child.pid,
    firstLine: said[0],
    async stop(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
