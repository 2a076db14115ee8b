import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alertRules } from './alert-rules.ts';
import { debianProgram } from './debian-package.ts';
import type { PartCommand } from './part.ts';
import { obtain, type Program } from './program.ts';
import { findOnPath } from './programs.ts';
import { answers } from './reachable.ts';

export interface ScrapeTarget {
  readonly service: string;
  readonly instance: string;
  readonly address: string;
}

/** FIREDRILL_PROMETHEUS_BIN, else PATH, else the Debian package in the cache. */
export function locatePrometheus(): Program<string> {
  const given = process.env.FIREDRILL_PROMETHEUS_BIN ?? findOnPath('prometheus');
  if (given !== null) return { found: given };
  const otherwise = 'Download it from https://prometheus.io/download and set FIREDRILL_PROMETHEUS_BIN to the program';
  return debianProgram(['prometheus'], otherwise, (root) => join(root, 'usr', 'bin', 'prometheus'));
}

export function findPrometheus(report: (line: string) => void): Promise<string> {
  return obtain(locatePrometheus(), report);
}

/** Scrapes and evaluates every second. Ready when each target was seen to be up. Writes its files into `directory`. */
export function prometheusCommand(options: {
  binary: string;
  port: number;
  alertmanagerPort: number;
  targets: readonly ScrapeTarget[];
  /** How many of them must be up before it counts as ready: all, or none when they are not part of this stack. */
  awaitTargets: number;
  /** A rule file; the demo team's by default. */
  rules?: object;
  directory: string;
  logFile: string;
}): PartCommand {
  const { port, directory } = options;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'rules.yaml'), stringify(options.rules ?? alertRules));
  writeFileSync(join(directory, 'prometheus.yaml'), stringify(configuration(options)));
  const url = `http://127.0.0.1:${port}`;
  return {
    name: 'prometheus',
    argv: [
      options.binary,
      `--config.file=${join(directory, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      '--storage.tsdb.retention.time=1d',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    cwd: directory,
    logFile: options.logFile,
    address: url,
    stopSignal: 'SIGTERM',
    readyWithinMs: 30_000,
    ready: async () => (await answers(`${url}/-/ready`)) && (await targetsUp(url)) >= options.awaitTargets,
  };
}

function configuration(options: { alertmanagerPort: number; targets: readonly ScrapeTarget[] }): object {
  const services = [...new Set(options.targets.map(({ service }) => service))];
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${options.alertmanagerPort}`] }] }] },
    scrape_configs: services.map((service) => ({
      job_name: service,
      // The customers' load names the service it asks: that label must not be replaced by its own.
      honor_labels: true,
      static_configs: options.targets
        .filter((target) => target.service === service)
        .map(({ instance, address }) => ({ targets: [address], labels: { service, instance } })),
    })),
  };
}

async function targetsUp(url: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent('count(up == 1)')}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}
