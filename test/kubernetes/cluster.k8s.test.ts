import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { imageReference } from '../../lab/kubernetes/image-builder/recipe.ts';
import { applyManifests, kubectl, kubectlReading } from '../../lab/kubernetes/kubectl.ts';
import { topology, workers } from '../../lab/kubernetes/topology.ts';
import { recycleVolumesOf } from '../../lab/kubernetes/volumes.ts';
import { until } from '../agent/until.ts';
import { eventually } from '../lab/eventually.ts';

const namespace = `lab-${process.pid}`;
const inNamespace = ['--namespace', namespace];
const web = 'mkdir -p /tmp/www && echo hello > /tmp/www/index.html && exec busybox httpd -f -p 8080 -h /tmp/www';

/** A server on every worker, a client, a volume's user, an account without rights, a budget that allows nobody to go. */
const manifests = `
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: ${namespace} }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: ${topology.zoneLabel}
          whenUnsatisfiable: DoNotSchedule
          nodeTaintsPolicy: Honor
          labelSelector: { matchLabels: { app: web } }
      containers:
        - name: web
          image: ${imageReference('tools')}
          imagePullPolicy: IfNotPresent
          args: ['-c', '${web}']
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
          resources: { requests: { cpu: 5m, memory: 8Mi }, limits: { memory: 32Mi } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${namespace} }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web, namespace: ${namespace} }
spec: { minAvailable: 3, selector: { matchLabels: { app: web } } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: nobody, namespace: ${namespace} }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, namespace: ${namespace} }
spec: { accessModes: [ReadWriteOnce], storageClassName: lab, resources: { requests: { storage: 1Gi } } }
---
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: ${namespace} }
spec:
  serviceAccountName: nobody
  terminationGracePeriodSeconds: 0
  containers:
    - name: client
      image: ${imageReference('tools')}
      imagePullPolicy: IfNotPresent
      args: ['-c', 'sleep 3600']
      volumeMounts: [{ name: data, mountPath: /data }]
  volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
`;

const inClient = (...argv: readonly string[]): Promise<string> => kubectl('exec', ...inNamespace, 'client', '--', ...argv);

beforeAll(async () => {
  await applyManifests(manifests);
  await kubectl('rollout', 'status', 'deployment/web', ...inNamespace, '--timeout=60s');
  await kubectl('wait', '--for=condition=Ready', 'pod/client', ...inNamespace, '--timeout=60s');
  // Each node learns for itself who stands behind a Service.
  for (const from of ['pod/client', 'deployment/web']) {
    const call = ['exec', ...inNamespace, from, '--', 'curl', '-s', '--max-time', '5', 'http://web/'];
    await eventually(async () => expect(await kubectl(...call)).toBe('hello\n'), 60_000);
  }
});

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--timeout=60s');
  await recycleVolumesOf(namespace);
});

describe('the lab cluster', () => {
  test('has its workers Ready, each in its zone, of the version that was asked for', async () => {
    const columns = String.raw`jsonpath={range .items[*]}{.metadata.name} {.metadata.labels.topology\.kubernetes\.io/zone} {.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}`;
    const nodes = (await kubectl('get', 'nodes', '-o', columns)).trim().split('\n');
    for (const { name, zone } of workers) expect(nodes).toContain(`${name} ${zone} v${topology.kubernetes} True`);
  });

  test('spreads pods over zones', async () => {
    const nodes = await kubectl('get', 'pods', ...inNamespace, '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}');
    expect(nodes.split(' ').sort()).toEqual(workers.map(({ name }) => name));
  });

  test('answers names, and reaches a Service by its name from a pod', async () => {
    expect(await inClient('curl', '-s', '--max-time', '5', `http://web.${namespace}.svc.cluster.local/`)).toBe('hello\n');
  });

  test('reaches a Service from a pod that stands behind it, also when it is chosen itself', async () => {
    const calls = 'for call in 1 2 3 4 5 6 7 8 9 10 11 12; do curl -s --max-time 5 http://web/; done';
    const answers = await kubectl('exec', ...inNamespace, 'deployment/web', '--', 'sh', '-c', calls);
    expect(answers).toBe('hello\n'.repeat(12));
  });

  test('lets an account do nothing that no role gives it', async () => {
    const ask = 'curl -sk --max-time 5 -H "Authorization: Bearer $(cat /var/run/secrets/kubernetes.io/serviceaccount/token)"';
    const answer = JSON.parse(await inClient('sh', '-c', `${ask} https://kubernetes.default.svc/api/v1/secrets`)) as object;
    expect(answer).toMatchObject({
      code: 403,
      message: expect.stringContaining(`system:serviceaccount:${namespace}:nobody" cannot list resource "secrets"`),
    });
  });

  test('refuses an eviction that a budget does not allow', async () => {
    const pod = await kubectl('get', 'pods', ...inNamespace, '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}');
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
    const refusal = kubectlReading(JSON.stringify(eviction), 'create', '--raw', path, '-f', '-');
    await expect(refusal).rejects.toThrow(/disruption budget|TooManyRequests/);
  });

  test('refuses privileged pods where the namespace asks for the restricted standard', async () => {
    await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted', '--overwrite');
    const pod = ['run', 'root', ...inNamespace, '--image', imageReference('tools'), '--privileged', '--dry-run=server'];
    const refusal = (): Promise<string> =>
      kubectl(...pod).then(
        () => '',
        (error: Error) => error.message,
      );
    // The API server hears of the label by a watch of its own.
    expect(await until(refusal, (said) => said !== '', 60_000)).toContain('violates PodSecurity "restricted');
  });

  test('gives a claim a volume of the node its pod is on, with a filesystem of its own', async () => {
    const mount = (await inClient('grep', ' /data ', '/proc/mounts')).split(' ');
    expect(mount[0]).toMatch(/^\/dev\/loop/);
    expect(mount[2]).toBe('ext4');
  });

  test('says what pods and nodes use', async () => {
    await eventually(async () => {
      const used = await kubectl('get', '--raw', `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods/client`);
      expect(JSON.parse(used)).toMatchObject({ containers: [{ name: 'client', usage: { memory: expect.any(String) } }] });
    }, 60_000);
  });

  test('lets monitoring read kubelets and cAdvisor by a role', async () => {
    const metrics = await kubectl('get', '--raw', '/api/v1/nodes/w1/proxy/metrics/cadvisor');
    expect(metrics).toContain('container_memory_working_set_bytes');
  });
});
