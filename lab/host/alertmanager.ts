import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { debianProgram } from './debian-package.ts';
import type { PartCommand } from './part.ts';
import { obtain, type Program } from './program.ts';
import { findOnPath } from './programs.ts';
import { answers } from './reachable.ts';
import { weAreRoot } from './unix-user.ts';

/** The arguments that start Alertmanager: FIREDRILL_ALERTMANAGER_BIN, else PATH, else the Debian package in the cache. */
export function locateAlertmanager(): Program<readonly string[]> {
  const onPath = findOnPath('alertmanager') ?? findOnPath('prometheus-alertmanager');
  const given = process.env['FIREDRILL_ALERTMANAGER_BIN'] ?? onPath;
  if (given !== null) return { found: [given] };
  const otherwise = 'Download it from https://prometheus.io/download and set FIREDRILL_ALERTMANAGER_BIN to the program';
  return debianProgram(['prometheus-alertmanager'], otherwise, (root) =>
    withItsShare(join(root, 'usr', 'share'), join(root, 'usr', 'bin', 'prometheus-alertmanager')),
  );
}

export function findAlertmanager(report: (line: string) => void): Promise<readonly string[]> {
  return obtain(locateAlertmanager(), report);
}

/**
 * Debian's build reads its templates from /usr/share. It sees its own there, in a mount namespace that ends with it;
 * nobody else does, and nothing is installed.
 */
function withItsShare(share: string, binary: string): string[] {
  const unshare = ['unshare', '--mount', ...(weAreRoot() ? [] : ['--map-root-user'])];
  return [...unshare, 'sh', '-c', 'mount --bind "$0" /usr/share && exec "$@"', share, binary];
}

/** Notifies the product's receiver fast, and of what is resolved too. Writes its files into `directory`. */
export function alertmanagerCommand(options: {
  program: readonly string[];
  port: number;
  receiverUrl: string;
  directory: string;
  logFile: string;
}): PartCommand {
  const { port, directory } = options;
  mkdirSync(directory, { recursive: true });
  const configuration = {
    route: {
      receiver: 'firedrill',
      group_by: ['alertname'],
      group_wait: '1s',
      group_interval: '5s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'firedrill', webhook_configs: [{ url: options.receiverUrl, send_resolved: true }] }],
  };
  writeFileSync(join(directory, 'alertmanager.yaml'), stringify(configuration));
  const url = `http://127.0.0.1:${port}`;
  return {
    name: 'alertmanager',
    argv: [
      ...options.program,
      `--config.file=${join(directory, 'alertmanager.yaml')}`,
      `--storage.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      // No cluster: it would listen on every address.
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    cwd: directory,
    logFile: options.logFile,
    address: url,
    stopSignal: 'SIGTERM',
    readyWithinMs: 20_000,
    ready: () => answers(`${url}/-/ready`),
  };
}
