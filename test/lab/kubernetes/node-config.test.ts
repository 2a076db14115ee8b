import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { controlPlaneScript } from '../../../lab/kubernetes/config/control-plane.ts';
import { cniConfig, networkScript } from '../../../lab/kubernetes/config/network.ts';
import { serviceLine } from '../../../lab/kubernetes/config/service-script.ts';
import { volumeManifest, volumesOf } from '../../../lab/kubernetes/config/volumes.ts';
import { containerdConfig, kubeletConfig, workerScript } from '../../../lab/kubernetes/config/worker.ts';
import { everyWorker, topology, workers } from '../../../lab/kubernetes/topology.ts';

const [w1, w2] = topology.workers;

test('a node has a way to the pods of every other worker, and none to its own', () => {
  const script = networkScript(w1, everyWorker);
  expect(script).toContain('ip addr add 10.77.0.11/24 dev eth0\n');
  expect(script).toContain('ip route add 10.78.12.0/24 via 10.77.0.12\n');
  expect(script).toContain('ip route add 10.78.14.0/24 via 10.77.0.14\n');
  expect(script).not.toContain('ip route add 10.78.11.0/24');
});

test('pods get addresses of their own node', () => {
  expect(JSON.parse(cniConfig(w2))).toMatchObject({ plugins: [{ ipam: { ranges: [[{ subnet: '10.78.12.0/24' }]] } }, {}] });
});

test('a flag with spaces or quotes reaches a service as it was', () => {
  expect(serviceLine('etcd', { name: "it's one" })).toBe(String.raw`service etcd etcd '--name=it'\''s one'`);
});

test('workers join with their zone, and the netem worker refuses pods that did not ask for it', () => {
  expect(workerScript(w2)).toContain('--node-labels=topology.kubernetes.io/zone=b,topology.kubernetes.io/region=lab\n');
  expect(workerScript(w2)).not.toContain('--register-with-taints');
  expect(workerScript(topology.netemWorker, { taints: 'a/b=c:NoSchedule' })).toContain('--register-with-taints=a/b=c:NoSchedule');
});

test('the API server authorises by RBAC, and lets aggregated APIs know who asks', () => {
  expect(controlPlaneScript()).toContain('--authorization-mode=Node,RBAC ');
  expect(controlPlaneScript()).toContain('--requestheader-client-ca-file=/lab/etc/front-proxy-ca.crt ');
  expect(controlPlaneScript()).toContain('--proxy-client-cert-file=/lab/etc/front-proxy-client.crt ');
});

test('a kubelet lets nobody in without a name, and never collects an image that no registry could give back', () => {
  expect(parse(kubeletConfig(w1, 0))).toMatchObject({
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
    authorization: { mode: 'Webhook' },
    imageGCHighThresholdPercent: 100,
    systemReserved: {},
  });
});

test('what other nodes hold of the memory of the machine is not promised to pods', () => {
  expect(parse(kubeletConfig(w1, 1024))).toMatchObject({ systemReserved: { memory: '1024Ki' } });
});

test('pods start with the pause image of the lab, on kernels that let nobody lower an oom score', () => {
  expect(containerdConfig()).toContain('sandbox_image = "firedrill.local/pause:dev"');
  expect(containerdConfig()).toContain('restrict_oom_score_adj = true');
});

test('each worker offers three local volumes, on itself only', () => {
  const volumes = volumesOf(workers);
  expect(volumes.map(({ name }) => name)).toEqual(['w1-1', 'w1-2', 'w1-3', 'w2-1', 'w2-2', 'w2-3', 'w3-1', 'w3-2', 'w3-3']);
  expect(parse(volumeManifest(volumes[3] ?? volumes[0]!))).toMatchObject({
    metadata: { labels: { 'topology.kubernetes.io/zone': 'b' } },
    spec: {
      local: { path: '/lab/volumes/1' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ values: ['w2'] }] }] } },
    },
  });
});
