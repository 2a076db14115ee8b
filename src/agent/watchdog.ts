import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Log } from '../ports/log.ts';

const maxBackoffMs = 5_000;
/** A child that lived this long did not die of its start: the next one is started at once. */
const healthyAfterMs = 5_000;
/** A child says every second that it lives: one that was silent at so many looks in a row stands still. */
export const signOfLifeEveryMs = 1_000;
const silentLooksAllowed = 5;

/**
 * Keeps one child alive: starts it again at once when it dies, later and later when it keeps dying at its start. Forwards
 * SIGTERM and SIGINT. A child that stands still reverts nothing: it is killed, and started again as a dead one is. The channel to the child closes when we die, and the child then ends itself. Resolves with its last code.
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
      const stopLooking = endWhenSilent(started, log);
      started.once('close', (code, signal) => {
        stopLooking();
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

/** Looks are counted, not time: when the whole machine slept, the child was not silent. One that is still starting may be. */
function endWhenSilent(child: ChildProcess, log: Log): () => void {
  let silentLooks: number | null = null;
  child.on('message', () => (silentLooks = 0));
  const look = setInterval(() => {
    if (silentLooks === null) return;
    silentLooks += 1;
    if (silentLooks <= silentLooksAllowed) return;
    log.error({ pid: child.pid }, 'agent stands still: ending it');
    child.kill('SIGKILL');
  }, signOfLifeEveryMs);
  return () => clearInterval(look);
}
