import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { alertmanagerCommand, findAlertmanager } from '../../../lab/host/alertmanager.ts';
import { freePorts } from '../../../lab/host/free-ports.ts';
import { findPrometheus, prometheusCommand } from '../../../lab/host/prometheus.ts';
import { findTemporal, temporalCommand } from '../../../lab/host/temporal.ts';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { adminKubeconfig } from '../../../lab/kubernetes/layout.ts';
import { nodeAgentsNamespace } from '../../../src/domain/plan/protected-namespaces.ts';
import type { RunRecord } from '../../../src/domain/run-record.ts';
import { commandLine, stopCommand, until } from '../../e2e/command-line.ts';
import type { CommandLine, Ended, Running } from '../../e2e/command-line.ts';
import { upstream } from '../../e2e/upstream.ts';
import { writeDrill } from './experiment.ts';
import type { Drill } from './experiment.ts';
import { openShop } from './shop.ts';
import type { Shop, WebPod } from './shop.ts';

/**
 * Everything that whole runs need: Temporal, Prometheus and Alertmanager as processes, agents as `firedrill install` brings them
 * into the lab cluster, a worker with nothing but its own rights there, and a shop to break.
 */
export interface ClusterStack extends CommandLine {
  readonly directory: string;
  /** Of records and the cluster's agents. */
  readonly namespace: string;
  readonly nodesNamespace: string;
  readonly shop: Shop;
  startWorker(): void;
  killWorker(): Promise<void>;
  startRun(drill: Drill): Running;
  plan(drill: Drill): Promise<Ended>;
  /** Nothing runs and nothing is broken; a run that a failed test has left is aborted. */
  isIdle(): Promise<void>;
  /** Of the run that the output speaks of. */
  recordOf(ended: Ended): RunRecord;
  /** Its folder in the archive. */
  archiveOf(ended: Ended): string;
  /** The pods of the shop that this run breaks. */
  victimsOf(run: Running): Promise<readonly WebPod[]>;
  stop(): Promise<void>;
}

export async function startClusterStack(name: string, replicas?: number): Promise<ClusterStack> {
  const directory = mkdtempSync(join(tmpdir(), `firedrill-${name}-`));
  mkdirSync(join(directory, 'runs'));
  const namespace = `${name}-${process.pid}`;
  const shop = await openShop(`${namespace}-shop`, replicas);
  const [temporalPort = 0, prometheusPort = 0, alertmanagerPort = 0, receiverPort = 0] = await freePorts(4);
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const log = (part: string): string => join(directory, `${part}.log`);
  const parts = [
    upstream(
      temporalCommand({
        binary: await findTemporal(() => {}),
        port: temporalPort,
        directory,
        logFile: log('temporal'),
      }),
    ),
    upstream(
      prometheusCommand({
        binary: await findPrometheus(() => {}),
        port: prometheusPort,
        alertmanagerPort,
        targets: [{ service: 'shop', instance: 'shop', address: `127.0.0.1:${shop.metricsPort}` }],
        awaitTargets: 1,
        rules: { groups: [] },
        directory: join(directory, 'prometheus'),
        logFile: log('prometheus'),
      }),
    ),
    upstream(
      alertmanagerCommand({
        program: await findAlertmanager(() => {}),
        port: alertmanagerPort,
        receiverUrl: url(receiverPort),
        directory: join(directory, 'alertmanager'),
        logFile: log('alertmanager'),
      }),
    ),
  ];

  const environmentFor = (person: string, kubeconfig: string): string => {
    const path = join(directory, `${person}.yaml`);
    const links = [{ name: 'callee', to: 'callee', service: 'callee' }];
    const services = {
      web: { namespace: shop.namespace, workload: 'deployment/web', port: 8080, links },
      // Whatever a test runs under this label.
      proxy: { namespace: shop.namespace, selector: { app: 'proxy' }, links },
    };
    const environment = {
      apiVersion: 'firedrill.dev/v1',
      kind: 'Environment',
      metadata: { name: namespace },
      spec: {
        platform: 'kubernetes',
        cluster: { kubeconfig, namespace },
        prometheus: { url: url(prometheusPort) },
        alertmanagers: [{ url: url(alertmanagerPort) }],
        receiver: { url: url(receiverPort) },
        temporal: { address: `127.0.0.1:${temporalPort}` },
        archive: './runs',
        policy: { maxPercent: 70, maxHold: '10m' },
        services,
      },
    };
    writeFileSync(path, stringify(environment));
    return path;
  };
  const line = commandLine({ cwd: directory, environmentFile: environmentFor('person', adminKubeconfig()) });
  await Promise.all(parts.map((part) => part.start()));
  await expectCode(
    0,
    line.run('install', '--image', imageReference('agent'), '--namespaces', shop.namespace, '--nodes', 'w1,w2,w3'),
  );
  await kubectl('-n', namespace, 'rollout', 'status', 'deployment/firedrill-cluster-agent', '--timeout=120s');

  const workersEnvironment = environmentFor('worker', await workersKubeconfig(directory, namespace));
  const workersLine = commandLine({ cwd: directory, environmentFile: workersEnvironment });
  let worker: Running | null = null;
  const startWorker = (): void => void (worker = workersLine.start('worker'));
  startWorker();
  let doctor: Ended | null = null;
  try {
    await until(async () => {
      if (worker?.hasEnded() === true) throw new Error(`the worker has ended:\n${worker.text()}`);
      return (doctor = await line.run('doctor')).code === 0;
    });
  } catch (error) {
    throw new Error(`not ready: ${String(error)}\n${JSON.stringify(doctor)}`, { cause: error });
  }

  const write = (drill: Drill): string => writeDrill(directory, `http://127.0.0.1:${shop.metricsPort}/`, drill);
  const archiveOf = ({ stdout }: Ended): string => join(directory, 'runs', runIdIn(stdout));
  return {
    ...line,
    directory,
    namespace,
    nodesNamespace: nodeAgentsNamespace(namespace),
    shop,
    startWorker,
    async killWorker() {
      worker?.signal('SIGKILL');
      await worker?.ended();
    },
    startRun: (drill) => line.start('run', write(drill)),
    plan: (drill) => line.run('plan', write(drill)),
    async isIdle() {
      await until(async () => {
        const { stdout } = await line.run('status');
        if (stdout.includes('run: none') && stdout.includes('broken on purpose right now: nothing')) return true;
        await line.run('abort', '--why', 'its test is over');
        return false;
      });
    },
    recordOf: (ended) => JSON.parse(readFileSync(join(archiveOf(ended), 'run.json'), 'utf8')) as RunRecord,
    archiveOf,
    async victimsOf(run) {
      const selector = `--selector=firedrill.dev/run=${runIdIn(run.text())}`;
      const columns = 'jsonpath={range .items[*]}{.spec.target.locator.pod}{"\\n"}{end}';
      const names = await kubectl('-n', namespace, 'get', 'injections', selector, '-o', columns);
      return (await shop.pods()).filter((pod) => names.split('\n').includes(pod.name));
    },
    async stop() {
      if (worker !== null) await stopCommand(worker);
      await expectCode(0, line.run('uninstall', '--force'));
      await kubectl('delete', 'namespace', namespace, nodeAgentsNamespace(namespace), '--ignore-not-found', '--timeout=90s');
      await Promise.all(parts.map((part) => part.stop()));
      await shop.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function runIdIn(output: string): string {
  const id = /^run (\S+)$/m.exec(output)?.[1];
  if (id === undefined) throw new Error(`no run began:\n${output}`);
  return id;
}

async function expectCode(code: number, ending: Promise<Ended>): Promise<void> {
  const ended = await ending;
  if (ended.code !== code) throw new Error(`ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
}

/** With the rights of the worker's service account, and no others. */
async function workersKubeconfig(directory: string, namespace: string): Promise<string> {
  const token = (await kubectl('-n', namespace, 'create', 'token', 'firedrill-worker', '--duration=2h')).trim();
  const admin = parse(readFileSync(adminKubeconfig(), 'utf8')) as { readonly clusters: readonly { readonly name: string }[] };
  const cluster = admin.clusters[0]?.name ?? '';
  const path = join(directory, 'worker.kubeconfig');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: admin.clusters,
    users: [{ name: 'worker', user: { token } }],
    contexts: [{ name: 'worker', context: { cluster, user: 'worker' } }],
    'current-context': 'worker',
  };
  writeFileSync(path, stringify(kubeconfig), { mode: 0o600 });
  return path;
}
