import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from '../../lab/host/free-ports.ts';
import { findPrometheus } from '../../lab/host/prometheus.ts';
import { answers } from '../../lab/host/reachable.ts';
import { eventually } from '../lab/eventually.ts';

export interface OwnPrometheus {
  readonly url: string;
  close(): Promise<void>;
}

/** A real Prometheus for one test file, with its state in `directory`; scrapes and evaluates every second. */
export async function startPrometheus(
  directory: string,
  configuration: { readonly scrape_configs: readonly object[]; readonly rules: readonly object[] },
): Promise<OwnPrometheus> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const file = join(directory, 'prometheus.yaml');
  writeFileSync(join(directory, 'rules.yaml'), stringify({ groups: [{ name: 'rules', rules: configuration.rules }] }));
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  writeFileSync(file, stringify({ global, rule_files: ['rules.yaml'], scrape_configs: configuration.scrape_configs }));
  const argv = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const binary = await findPrometheus(() => {});
  const child = spawn(binary, [...argv, '--log.level=error'], { stdio: 'ignore', cwd: directory });
  await eventually(async () => {
    if (!(await answers(`${url}/-/ready`))) throw new Error('Prometheus is not ready');
  });
  return {
    url,
    async close() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
