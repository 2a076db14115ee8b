import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Log } from '../ports/log.ts';

const maxBackoffMs = 5_000;
/** A child that lived this long did not die of its start: the next one is started at once. */
const healthyAfterMs = 5_000;

/**
 * Keeps one child alive: starts it again at once when it dies, later and later when it keeps dying at its start. Forwards
 * SIGTERM and SIGINT. The channel to the child closes when we die, and the child then ends itself. Resolves with its last code.
 */
export function watchOver(argv: readonly string[], log: Log, signals: NodeJS.EventEmitter = process): Promise<number> {
  return new Promise((resolve) => {
    let child: ChildProcess | null = null;
    let asked = false;
    let failures = 0;

    const start = (): void => {
      const startedAt = performance.now();
      const started = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      child = started;
      started.once('error', (error) => log.error({ problem: error.message }, 'agent could not be started'));
      started.once('close', (code, signal) => {
        if (asked) return finish(code ?? 1);
        failures = performance.now() - startedAt > healthyAfterMs ? 0 : failures + 1;
        const backoffMs = failures <= 1 ? 0 : Math.min(100 * 2 ** (failures - 2), maxBackoffMs);
        log.warn({ code, signal, backoffMs }, 'agent died, starting it again');
        restart = setTimeout(start, backoffMs);
      });
    };
    let restart: NodeJS.Timeout | undefined;

    const stop = (): void => {
      asked = true;
      clearTimeout(restart);
      if (child === null || child.exitCode !== null || child.signalCode !== null) finish(1);
      else child.kill('SIGTERM');
    };
    const finish = (code: number): void => {
      signals.off('SIGTERM', stop);
      signals.off('SIGINT', stop);
      resolve(code);
    };
    signals.on('SIGTERM', stop);
    signals.on('SIGINT', stop);
    start();
  });
}
