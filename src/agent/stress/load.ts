import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { AppError } from '../../domain/errors.ts';
import { moduleFile } from '../../module-file.ts';

/** Where a load counts. */
export interface LoadPlace {
  /** Each takes a process through its `cgroup.procs`. */
  readonly directories: readonly string[];
  /** From it those directories can be joined: the node's own. */
  readonly cgroupNamespace: string;
  /** When memory runs out the kernel ends the load, and not the container. */
  readonly sparesContainer: boolean;
}

const launcher = moduleFile('./launch', import.meta.url);

/** One program that works in a container's cgroup. The kernel ends it when this process ends, however that happens. */
export class Load {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exited: Promise<unknown>;
  #lastWords = '';

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#child = child;
    this.#exited = once(child, 'exit').catch(() => {});
    child.stdin.on('error', () => {});
    child.stderr.on('data', (chunk: Buffer) => (this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-2000)));
  }

  /** In its cgroup and about to begin. `mark`: its process can be told by it in /proc. Errors: `part/died`. */
  static async prepare(argv: readonly string[], place: LoadPlace, mark: string): Promise<Load> {
    const order = place.sparesContainer ? 'first' : 'last';
    const gate = [process.execPath, '--no-warnings', launcher, order, ...place.directories, '--', ...argv];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', `--cgroup=${place.cgroupNamespace}`, '--', ...gate], {
      cwd: '/dev/shm', // stress-ng wants to write where it stands, and a node agent's root is read-only
      detached: true, // a group of its own, to be ended as one
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', FIREDRILL_INJECTION: mark },
    });
    const load = new Load(child);
    await Promise.race([once(child.stdout, 'data'), load.#exited]);
    if (!load.isAlive) throw new AppError('part/died', `${argv[0]} could not be started: ${load.lastWords}. See the agent's log`);
    return load;
  }

  get isAlive(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get lastWords(): string {
    return this.#lastWords.trim() || 'no message';
  }

  begin(): void {
    this.#child.stdin.write('begin\n');
  }

  async end(): Promise<void> {
    if (!this.isAlive) return;
    process.kill(-(this.#child.pid ?? 0), 'SIGKILL');
    await this.#exited;
  }
}
