import { execFileSync } from 'node:child_process';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import * as quickest from '../../faults/quickest.ts';
import { until } from '../../faults/until.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import { core, isReady, type Sandbox } from './cluster.ts';
import { containerOf, type Container } from './container.ts';

/** One request of the pod, asked for from outside over a port that no fault here is on. */
export interface Call {
  /** null: it failed. */
  readonly ms: number | null;
  readonly error?: string;
}

/** A pod that calls a service of another, and what the fault's target would be. */
export interface PodLink {
  readonly target: TargetRef;
  /** Of the pod to the service, on a new connection or on the one it keeps. */
  call(options?: {
    readonly kept?: boolean;
    readonly to?: 'service' | 'endpoint' | 'other';
    readonly timeoutMs?: number;
  }): Promise<Call>;
  /** Milliseconds of so many requests to the service, twenty at a time, each on a connection that is open already. */
  sample(count: number): Promise<readonly number[]>;
  /** How many of the pod's calls the far end has had so far, whatever became of its answers. */
  heard(): Promise<number>;
  /** A name looked up by the pod: its addresses, or the error's code. */
  resolve(name: string): Promise<Call & { readonly addresses?: readonly string[] }>;
}

/** On a node whose processes this machine sees. */
export interface LocalPodLink extends PodLink {
  readonly caller: Container;
  /** What tc and nft show in the pod's network, from beside the fault. */
  state(): string;
}

/** Serves `/health`, and counts who asks for it as a caller; `/call` makes a request, `/resolve` looks a name up, and each says how long it took. */
const program = `
const http = require('node:http'), dns = require('node:dns');
const keeping = new http.Agent({ keepAlive: true, maxSockets: 1 });
let heard = 0;
http.createServer((request, response) => {
  const asked = new URL(request.url, 'http://x'), get = (name) => asked.searchParams.get(name);
  if (get('caller')) heard += 1;
  if (asked.pathname === '/health') return response.end('ok');
  if (asked.pathname === '/heard') return response.end(String(heard));
  const at = performance.now();
  const say = (answer) => response.headersSent || response.end(JSON.stringify({ ms: performance.now() - at, ...answer }));
  const failed = (error) => say({ ms: null, error: error.code ?? error.message });
  if (asked.pathname === '/sample') return sample(get('url'), Number(get('count'))).then((all) => response.end(JSON.stringify(all)), failed);
  if (asked.pathname === '/resolve') return dns.lookup(get('name'), { all: true, family: 4 }, (error, all) =>
    error ? say({ error: error.code }) : say({ addresses: all.map((one) => one.address) }));
  http.get(get('url'), { agent: get('kept') ? keeping : false, timeout: Number(get('timeout')) }, (answer) => {
    answer.resume(); answer.on('end', () => say({})); answer.on('error', failed);
  }).on('error', failed).on('timeout', function () { this.destroy(new Error('timeout')); });
}).listen(8080).keepAliveTimeout = 60000;
const wide = new http.Agent({ keepAlive: true, maxSockets: 20 });
const one = (url) => new Promise((resolve, reject) => {
  const at = performance.now();
  http.get(url, { agent: wide }, (answer) => { answer.resume(); answer.on('end', () => resolve(performance.now() - at)); }).on('error', reject);
});
async function sample(url, count) {
  const all = [];
  const worker = async () => { while (all.length < count) all.push(await one(url)); };
  await Promise.all(Array.from({ length: 20 }, worker));
  return all;
}`;

/** The quickest of a few calls of the pod. */
export const quickestMs = ({ call }: PodLink, options?: Parameters<PodLink['call']>[0]): Promise<number> =>
  quickest.quickestMs(async () => (await call(options)).ms);

/** The same where each of them must be answered. */
export const quickestOfAnsweredMs = ({ call }: PodLink): Promise<number> =>
  quickest.quickestOfAnsweredMs(async () => (await call()).ms);

/** Whether most of a few calls are answered in time: a busy machine may hold one up. */
export async function comesThrough(link: PodLink, options?: Parameters<PodLink['call']>[0]): Promise<boolean> {
  return (await quickest.middleMs(async () => (await link.call(options)).ms)) < Infinity;
}

/** `callee` answers behind a service; `other` is a pod that no fault is meant for. */
export async function startPodLink(sandbox: Sandbox): Promise<LocalPodLink> {
  const link = await startLink(sandbox, undefined);
  const caller = containerOf((await sandbox.pods('caller'))[0]!);
  return {
    ...link,
    caller,
    state() {
      const enter = ['--target', String(caller.pid), '--net', '--'];
      const nft = process.env['FIREDRILL_NFT_BIN'] ?? 'nft';
      return ['tc -j qdisc show', `${nft} list ruleset`]
        .map((command) => execFileSync('nsenter', [...enter, ...command.split(' ')], { encoding: 'utf8' }))
        .join('');
    },
  };
}

/** The same, with the caller on a node that need not be of this machine's kernel. */
export async function startLink(sandbox: Sandbox, callersNode: string | undefined): Promise<PodLink> {
  const names = ['caller', 'callee', 'other'] as const;
  await Promise.all(names.map((name) => makePod(sandbox, name, name === 'caller' ? callersNode : undefined)));
  const service = await sandbox.make(
    { ...core, resource: 'services' },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'callee' },
      spec: { selector: { app: 'callee' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  );
  const { clusterIP } = service['spec'] as { clusterIP: string };
  const [caller, callee, other] = await Promise.all([
    readyPod(sandbox, 'caller'),
    readyPod(sandbox, 'callee'),
    readyPod(sandbox, 'other'),
  ]);
  const urls = { service: `http://${clusterIP}`, endpoint: `http://${ipOf(callee)}:8080`, other: `http://${ipOf(other)}:8080` };
  const ask = async <T>(path: string): Promise<T> => (await fetch(`http://${ipOf(caller)}:8080${path}`)).json() as Promise<T>;
  const link: PodLink = {
    target: targetOf(caller, [
      { address: clusterIP, port: 80, protocol: 'tcp' },
      { address: ipOf(callee), port: 8080, protocol: 'tcp' },
    ]),
    call: ({ kept = false, to = 'service', timeoutMs = 6000 } = {}) =>
      ask(`/call?url=${encodeURIComponent(`${urls[to]}/health?caller=1`)}&timeout=${timeoutMs}${kept ? '&kept=1' : ''}`),
    sample: (count) => ask(`/sample?url=${encodeURIComponent(`${urls.service}/health`)}&count=${count}`),
    heard: async () => Number(await (await fetch(`${urls.endpoint}/heard`)).text()),
    resolve: (name) => ask(`/resolve?name=${name}`),
  };
  await until('the pod reaches the service', async () => (await link.call()).ms !== null, 30_000);
  return link;
}

async function makePod(sandbox: Sandbox, name: string, nodeName: string | undefined): Promise<void> {
  await sandbox.make(
    { ...core, resource: 'pods' },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        ...(nodeName === undefined ? {} : { nodeName }),
        containers: [
          {
            name: 'main',
            image: 'firedrill.local/app:dev',
            imagePullPolicy: 'IfNotPresent',
            command: ['node', '-e', program],
            readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 1, timeoutSeconds: 5 },
          },
        ],
      },
    },
  );
}

async function readyPod(sandbox: Sandbox, name: string): Promise<Pod> {
  // A node that emulates its kernel takes its time.
  await until(`pod ${name} is ready`, async () => (await sandbox.pods(name)).some(isReady), 280_000);
  return (await sandbox.pods(name))[0]!;
}

const ipOf = ({ status }: Pod): string => (status as { podIP?: string }).podIP ?? '';

/** As a plan names it. */
function targetOf({ metadata, spec }: Pod, destinations: readonly JsonObject[]): TargetRef {
  const { name, uid, namespace = '' } = metadata;
  return {
    kind: 'link',
    service: 'caller',
    name: `${name} to callee`,
    uid: `${uid}/callee`,
    locator: {
      namespace,
      pod: name,
      podUid: uid,
      node: spec.nodeName ?? '',
      hostNetwork: false,
      to: 'callee',
      destinations: [...destinations],
      excluded: [],
    },
  };
}
