import { spawn } from 'node:child_process';
import type { CommandOptions } from '../../faults/fault.ts';

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** A command inherits nothing of ours: the agent's environment may hold secrets. */
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

/** How long output that is still on its way may take once the command itself has ended. */
const lastOutputMs = 250;

/** Commands that are found elsewhere than on the PATH above, by their name. */
export type Programs = Readonly<Record<string, string>>;

export function commandRunner(programs: Programs): typeof runCommand {
  return ([program = '', ...rest], options) => runCommand([programs[program] ?? program, ...rest], options);
}

/**
 * Runs an argument list, never a shell. Its whole process group is killed at the timeout or when the signal aborts. What it
 * leaves running in the background is not waited for.
 */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
  const { timeoutMs = 10_000, maxOutputBytes = 64 * 1024, signal, input } = options;
  const [program, ...rest] = argv;
  return new Promise((resolve) => {
    if (program === undefined || signal?.aborted === true) {
      resolve({
        code: null,
        stdout: '',
        stderr: program === undefined ? 'no command' : 'stopped before it began',
        timedOut: false,
      });
      return;
    }
    const child = spawn(program, rest, { detached: true, stdio: 'pipe', env: environment });
    child.stdin.on('error', () => {}); // it need not read what it is given
    const stdout = collect(child.stdout, maxOutputBytes);
    const stderr = collect(child.stderr, maxOutputBytes);
    let timedOut = false;
    const killGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group has ended by itself.
      }
    };
    let timer: NodeJS.Timeout | null = null;
    let ended = false;
    const begin = (text?: string): void => {
      if (ended) return;
      child.stdin.end(text);
      timer = setTimeout(() => {
        timedOut = true;
        killGroup();
      }, timeoutMs);
    };
    if (input === undefined) begin();
    else void input.then(begin);
    signal?.addEventListener('abort', killGroup, { once: true });
    const finish = (code: number | null, problem = ''): void => {
      ended = true;
      if (timer !== null) clearTimeout(timer);
      signal?.removeEventListener('abort', killGroup);
      resolve({ code, stdout: stdout(), stderr: stderr() + problem, timedOut });
    };
    child.once('error', (error) => finish(null, error.message));
    child.once('close', (code) => finish(code));
    // Who still holds our pipes then is not the command: a daemon it started would keep us waiting for as long as it lives.
    const letGo = (): void => [child.stdout, child.stderr].forEach((stream) => stream.destroy());
    // On a busy machine that time can be over before we were able to read: what has come is read first, by one turn of the loop.
    child.once('exit', () => void setTimeout(() => setImmediate(letGo), lastOutputMs).unref());
  });
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number): () => string {
  const chunks: Buffer[] = [];
  let kept = 0;
  stream.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, maxBytes - kept);
    kept += part.length;
    if (part.length > 0) chunks.push(part);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
