import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = join(import.meta.dirname, '../../bin/firedrill.js');

export interface Ended {
  /** null when it was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs, and what it has said so far. */
export interface Running {
  readonly pid: number;
  /** Standard output and error, as they came. */
  text(): string;
  /** Waits for words in the output; fails when the command ends without them. */
  shows(words: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  ended(): Promise<Ended>;
  hasEnded(): boolean;
}

/** The command line of a checkout, as a person types it in `cwd`, in one environment. */
export interface CommandLine {
  start(...args: string[]): Running;
  run(...args: string[]): Promise<Ended>;
}

export function commandLine({ cwd, environmentFile }: { cwd: string; environmentFile: string }): CommandLine {
  const start = (...args: string[]): Running => {
    const child = spawn(process.execPath, [program, ...args, '--environment', environmentFile], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '', all: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        said[stream] += chunk.toString();
        said.all += chunk.toString();
      });
    }
    let closed = false;
    const ended = once(child, 'close').then(([code]): Ended => {
      closed = true;
      return { code: code as number | null, stdout: said.stdout, stderr: said.stderr };
    });
    return {
      pid: child.pid ?? 0,
      text: () => said.all,
      async shows(words) {
        await until(() => said.all.includes(words) || closed);
        if (!said.all.includes(words)) throw new Error(`it ended without "${words}":\n${said.all}`);
      },
      signal: (signal) => void child.kill(signal),
      ended: () => ended,
      hasEnded: () => closed,
    };
  };
  return { start, run: (...args) => start(...args).ended() };
}

/** Ends a command in order; one that has ended is fine. */
export async function stopCommand(command: Running): Promise<void> {
  command.signal('SIGTERM');
  await command.ended();
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}
