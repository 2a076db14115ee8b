import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alertmanagerCommand, findAlertmanager } from '../../lab/host/alertmanager.ts';
import { freePorts } from '../../lab/host/free-ports.ts';
import { findPrometheus, prometheusCommand } from '../../lab/host/prometheus.ts';
import { findTemporal, temporalCommand } from '../../lab/host/temporal.ts';
import type { AgentPolicy } from '../../src/faults/fault.ts';
import type { RunRecord } from '../../src/domain/run-record.ts';
import { writeExperiment } from './bad-day-experiment.ts';
import type { Day } from './bad-day-experiment.ts';
import { commandLine, stopCommand, until } from './command-line.ts';
import type { CommandLine, Running } from './command-line.ts';
import { openShop } from './shop.ts';
import type { Shop } from './shop.ts';
import { upstream } from './upstream.ts';
import type { Upstream } from './upstream.ts';

/** Real Temporal, Prometheus and Alertmanager around one small shop, with agent and worker: enough for runs with a `hook`. */
export interface LightStack extends CommandLine {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly archiveDirectory: string;
  readonly shop: Shop;
  readonly temporal: Upstream;
  readonly prometheus: Upstream;
  readonly alertmanager: Upstream;
  readonly prometheusUrl: string;
  readonly temporalAddress: string;
  /** Started again, each is another process. */
  startAgent(): Promise<void>;
  stopAgent(): Promise<void>;
  /** The agent and the watchdog beside it, at once. */
  killAgent(): Promise<void>;
  startWorker(): void;
  killWorker(): Promise<void>;
  workerText(): string;
  /** The truth: whether the fault is in effect. */
  isBroken(): boolean;
  /** As somebody does it by hand. */
  setBroken(broken: boolean): void;
  startRun(day?: Day): Running;
  /** Of the run that the output speaks of. */
  recordOf(output: string): RunRecord;
  stop(): Promise<void>;
}

const rules = {
  groups: [
    {
      name: 'shop',
      rules: [
        { alert: 'ShopBroken', expr: 'shop_broken == 1', labels: { severity: 'page' }, annotations: { summary: 'broken' } },
      ],
    },
  ],
};

export async function startLightStack(): Promise<LightStack> {
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-bad-days-'));
  for (const name of ['shop', 'desk', 'runs', 'experiments', 'hypotheses']) mkdirSync(join(directory, name));
  const brokenFile = join(directory, 'shop', 'broken');
  const shop = await openShop(brokenFile);
  const [temporalPort = 0, prometheusPort = 0, alertmanagerPort = 0, receiverPort = 0] = await freePorts(4);
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const log = (name: string): string => join(directory, `${name}.log`);

  const temporal = upstream(
    temporalCommand({
      binary: await findTemporal(() => {}),
      port: temporalPort,
      directory,
      logFile: log('temporal'),
      databaseFile: join(directory, 'temporal.db'),
    }),
  );
  const prometheus = upstream(
    prometheusCommand({
      binary: await findPrometheus(() => {}),
      port: prometheusPort,
      alertmanagerPort,
      targets: [{ service: 'shop', instance: 'shop-1', address: `127.0.0.1:${shop.port}` }],
      awaitTargets: 1,
      rules,
      directory: join(directory, 'prometheus'),
      logFile: log('prometheus'),
    }),
  );
  const alertmanager = upstream(
    alertmanagerCommand({
      program: await findAlertmanager(() => {}),
      port: alertmanagerPort,
      receiverUrl: url(receiverPort),
      directory: join(directory, 'alertmanager'),
      logFile: log('alertmanager'),
    }),
  );

  const environmentFile = join(directory, 'environment.yaml');
  writeFileSync(
    environmentFile,
    stringify({
      apiVersion: 'firedrill.dev/v1',
      kind: 'Environment',
      metadata: { name: 'bad-days' },
      spec: {
        platform: 'host',
        prometheus: { url: url(prometheusPort) },
        alertmanagers: [{ url: url(alertmanagerPort) }],
        receiver: { url: url(receiverPort) },
        temporal: { address: `127.0.0.1:${temporalPort}` },
        state: './state',
        archive: './runs',
        services: {
          shop: {
            volumes: [
              { name: 'files', path: './shop' },
              { name: 'desk', path: './desk' },
            ],
          },
        },
      },
    }),
  );
  const policy: AgentPolicy = {
    environment: 'bad-days',
    allowFaults: ['hook', 'manual'],
    allowServices: ['shop'],
    maxDurationSeconds: 600,
    leaseSeconds: { min: 1, max: 60 },
    diskFill: { allowPaths: [], floorBytes: 0 },
    pool: { reserveConnections: 1 },
    hook: { allowCommands: ['touch', 'rm', 'test', 'sh'], allowUrls: [], timeoutSeconds: 10 },
  };
  writeFileSync(join(directory, 'agent-policy.yaml'), stringify(policy));

  const line = commandLine({ cwd: directory, environmentFile });
  let agent: Running | null = null;
  let worker: Running | null = null;
  const startAgent = async (): Promise<void> => {
    agent = line.start('agent', '--policy', 'agent-policy.yaml');
    await agent.shows('agent ready');
  };
  const startWorker = (): void => void (worker = line.start('worker'));

  await Promise.all([temporal.start(), prometheus.start(), alertmanager.start()]);
  startWorker();
  await startAgent();
  await until(async () => (await line.run('doctor')).code === 0);

  return {
    ...line,
    directory,
    stateDirectory: join(directory, 'state'),
    archiveDirectory: join(directory, 'runs'),
    shop,
    temporal,
    prometheus,
    alertmanager,
    prometheusUrl: url(prometheusPort),
    temporalAddress: `127.0.0.1:${temporalPort}`,
    startAgent,
    stopAgent: async () => {
      if (agent !== null) await stopCommand(agent);
    },
    async killAgent() {
      for (const pid of [agent?.pid, ...childrenOf(agent?.pid ?? 0)]) if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await agent?.ended();
    },
    startWorker,
    killWorker: async () => {
      worker?.signal('SIGKILL');
      await worker?.ended();
    },
    workerText: () => worker?.text() ?? '',
    isBroken: () => existsSync(brokenFile),
    setBroken: (broken) => (broken ? writeFileSync(brokenFile, '') : rmSync(brokenFile)),
    startRun: (day) => line.start('run', writeExperiment(directory, shop.port, day)),
    recordOf(output) {
      const runId = /^run (\S+)$/m.exec(output)?.[1];
      if (runId === undefined) throw new Error(`no run began:\n${output}`);
      return JSON.parse(readFileSync(join(directory, 'runs', runId, 'run.json'), 'utf8')) as RunRecord;
    },
    async stop() {
      for (const command of [worker, agent]) if (command !== null) await stopCommand(command);
      await Promise.all([temporal, prometheus, alertmanager].map((part) => part.stop()));
      await shop.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** All that a process has started, and what those have. */
function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').flatMap((child) => [Number(child), ...childrenOf(Number(child))]);
}
