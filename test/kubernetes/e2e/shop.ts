import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { applyManifests, kubectl } from '../../../lab/kubernetes/kubectl.ts';

/** A pod of `web`, as the cluster says it is. */
export interface WebPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  readonly node: string;
}

/** Pods that call another service, and a customer outside of the cluster who measures how long they take. */
export interface Shop {
  readonly namespace: string;
  /** Serves Prometheus: `shop_call_ms`, the slowest of the pods' latest calls. */
  readonly metricsPort: number;
  /** Ready ones that are not ending, by name. */
  pods(): Promise<readonly WebPod[]>;
  /** What a call of this pod to `callee` takes, as the pod itself sees it; null when it fails. Needs no API server. */
  callMs(pod: WebPod): Promise<number | null>;
  close(): Promise<void>;
}

/** `/health` answers; `/call` calls `callee` on a new connection and says how long it took. */
const program = `
const http = require('node:http');
http.createServer((request, response) => {
  if (request.url !== '/call') return response.end('ok');
  const at = performance.now();
  const say = (ms) => response.headersSent || response.end(JSON.stringify({ ms }));
  http.get('http://callee/health', { agent: false, timeout: 10000 }, (answer) => {
    answer.resume();
    answer.on('end', () => say(performance.now() - at));
    answer.on('error', () => say(null));
  }).on('error', () => say(null)).on('timeout', function () { this.destroy(); });
}).listen(8080);`;

/**
 * `web` and `callee` in a namespace of their own. Their containers are what faults must not rely on: another user than root,
 * a root that cannot be written, no capability, and no shell that anybody starts.
 */
export async function openShop(namespace: string, replicas = 3): Promise<Shop> {
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    deployment(namespace, 'callee', 1),
    deployment(namespace, 'web', replicas),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'callee', namespace },
      spec: { selector: { app: 'callee' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
  await applyManifests(objects.map((object) => stringify(object)).join('---\n'));
  for (const name of ['callee', 'web']) {
    await kubectl('-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=120s');
  }

  const pods = async (): Promise<readonly WebPod[]> => {
    const list = JSON.parse(await kubectl('-n', namespace, 'get', 'pods', '-l', 'app=web', '-o', 'json')) as PodList;
    return list.items
      .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && isReady(status))
      .map(({ metadata, spec, status }) => ({
        namespace,
        name: metadata.name,
        uid: metadata.uid,
        ip: status.podIP ?? '',
        node: spec.nodeName ?? '',
      }));
  };
  const callMs = async ({ ip }: WebPod): Promise<number | null> => {
    try {
      const answer = await fetch(`http://${ip}:8080/call`, { signal: AbortSignal.timeout(12_000) });
      return ((await answer.json()) as { ms: number | null }).ms;
    } catch {
      return null;
    }
  };

  let slowest = 0;
  const closing = new AbortController();
  const customer = (async () => {
    while (!closing.signal.aborted) {
      const calls = await Promise.all((await pods().catch(() => [])).map(callMs));
      slowest = Math.max(0, ...calls.filter((ms) => ms !== null));
      await sleep(200, undefined, { signal: closing.signal }).catch(() => {});
    }
  })();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(`shop_call_ms ${slowest}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    namespace,
    metricsPort: (server.address() as AddressInfo).port,
    pods,
    callMs,
    async close() {
      closing.abort();
      await customer;
      server.closeAllConnections();
      server.close();
      await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=90s');
    },
  };
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string };
    readonly status: PodStatus;
  }[];
}

interface PodStatus {
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

const isReady = ({ conditions = [] }: PodStatus): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

function deployment(namespace: string, name: string, replicas: number): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'DoNotSchedule',
              nodeTaintsPolicy: 'Honor',
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [
            {
              name,
              image: imageReference('app'),
              imagePullPolicy: 'IfNotPresent',
              command: ['/usr/bin/node', '-e', program],
              readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 1, timeoutSeconds: 10 },
              resources: { requests: { cpu: '5m', memory: '32Mi' }, limits: { memory: '128Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  };
}
