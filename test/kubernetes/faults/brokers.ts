import { join } from 'node:path';
import { stringify } from 'yaml';
import { buildManifests } from '../../../lab/kubernetes/demo/manifests.ts';
import { applyManifests, kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { recycleVolumes } from '../../../lab/kubernetes/volumes.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import { until } from '../../faults/until.ts';
import { isReady, openSandbox, type Sandbox } from './cluster.ts';

const folder = join(import.meta.dirname, '../../../deploy/demo/base/kafka');

/** By the account of both ends, which Kafka has no part in. */
export interface Ledger {
  readonly produced: number;
  /** Given up by the producer. */
  readonly refused: number;
  readonly consumed: number;
  readonly deadLetters: number;
}

/** The demo's Kafka, three brokers with volumes, and the ledger of its topics, in a namespace of its own. */
export interface Brokers {
  readonly sandbox: Sandbox;
  pods(): Promise<readonly Pod[]>;
  ledger(): Promise<Ledger>;
  /** Waits until there is a moment at which everything that was produced is consumed or a dead letter, and nothing more. */
  balanced(): Promise<Ledger>;
  /** One of Kafka's own, which asks the first and the last broker. */
  tool(name: string, ...args: readonly string[]): Promise<string>;
  /** Partitions, by Kafka's own tool. */
  underReplicated(): Promise<number>;
  dispose(): Promise<void>;
}

export async function openBrokers(): Promise<Brokers> {
  await recycleVolumes();
  const sandbox = await openSandbox();
  const { namespace } = sandbox;
  const text = (await buildManifests(folder)).map((manifest) => stringify(manifest)).join('---\n');
  await applyManifests(
    text
      .replaceAll('namespace: data', `namespace: ${namespace}`)
      .replaceAll('.kafka.data.svc', `.kafka.${namespace}.svc`)
      // The class is the demo's.
      .replaceAll('priorityClassName: demo-data', ''),
  );
  const of = async (app: string): Promise<readonly Pod[]> => {
    const selector = { labelSelector: `app.kubernetes.io/name=${app}` };
    return sandbox.tools.list<Pod>({ apiVersion: 'v1', resource: 'pods', namespace }, selector);
  };
  const account = async (app: string): Promise<(name: string) => number> => {
    const [pod] = await of(app);
    const page = await fetch(`http://${pod?.status.podIP}:8080/metrics`, { signal: AbortSignal.timeout(2000) });
    const lines = (await page.text()).split('\n');
    return (name) => Number(lines.find((line) => line.startsWith(`ledger_${name} `))?.split(' ')[1]);
  };
  const ledger = async (): Promise<Ledger> => {
    const recorder = await account('payments-recorder');
    const processor = await account('payments-processor');
    return {
      produced: recorder('produced_total'),
      refused: recorder('produce_errors_total'),
      consumed: processor('consumed_total'),
      deadLetters: processor('dlq_total'),
    };
  };

  const tool = (name: string, ...args: readonly string[]): Promise<string> => {
    const java = ['java', '-Xmx48m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', name];
    const asked = ['--bootstrap-server', 'kafka-0.kafka:9092,kafka-2.kafka:9092', ...args];
    return kubectl('exec', `--namespace=${namespace}`, 'kafka-0', '--', ...java, ...asked);
  };

  await until('three brokers are ready', async () => (await of('kafka')).filter(isReady).length === 3, 110_000);
  await until('messages are consumed', async () => ((await ledger().catch(() => null))?.consumed ?? 0) > 20, 110_000);
  return {
    sandbox,
    pods: async () => [...(await of('kafka'))].sort((one, other) => one.metadata.name.localeCompare(other.metadata.name)),
    ledger,
    async balanced() {
      let last = await ledger();
      await until(
        'what was produced is consumed or dead-lettered',
        async () => {
          last = await ledger();
          const { produced } = await ledger();
          return produced === last.produced && last.produced === last.consumed + last.deadLetters;
        },
        60_000,
      );
      return last;
    },
    tool,
    async underReplicated() {
      const output = await tool('org.apache.kafka.tools.TopicCommand', '--describe', '--under-replicated-partitions');
      return output.split('\n').filter((line) => line.includes('Partition:')).length;
    },
    async dispose() {
      await sandbox.dispose();
      await until('its volumes are released', async () => (await claims(namespace)).length === 0, 60_000);
      await recycleVolumes();
    },
  };
}

async function claims(namespace: string): Promise<string> {
  return kubectl('get', 'persistentvolumeclaims', `--namespace=${namespace}`, '--no-headers', '--ignore-not-found');
}
