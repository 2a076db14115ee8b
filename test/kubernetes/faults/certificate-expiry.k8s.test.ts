import { expect, test } from '@jest/globals';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { certificateExpiry } from '../../../src/faults/certificate-expiry.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import { handshake } from '../../agent/certificate-issuer/handshake.ts';
import { makePki, type Pair } from '../../agent/certificate-issuer/pki.ts';
import { faultContract, type Subject } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { core, isReady, openSandbox, type Sandbox } from './cluster.ts';

const { root, between, server } = makePki();
const toBase64 = (text: string): string => Buffer.from(text).toString('base64');

async function secret(sandbox: Sandbox, name: string, { certificate, key }: Pair): Promise<TargetRef> {
  const data = { 'tls.crt': toBase64(certificate), 'tls.key': toBase64(key) };
  const object = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name }, data };
  const made = await sandbox.make({ ...core, resource: 'secrets' }, object);
  const locator = { namespace: sandbox.namespace, apiVersion: 'v1', resource: 'secrets', name };
  return { kind: 'config', service: 'web', name: 'certificate', uid: made.metadata.uid ?? '', locator };
}

async function dataOf({ api, namespace }: Sandbox): Promise<Readonly<Record<string, string>>> {
  return (await api.get({ ...core, resource: 'secrets', namespace }, 'web-tls'))?.data ?? {};
}

const subject = (params: Subject['params']) => async (): Promise<Subject> => {
  const sandbox = await openSandbox();
  const target = await secret(sandbox, 'web-tls', server);
  await secret(sandbox, 'shop-ca', between);
  return {
    target,
    params,
    lent: { cluster: sandbox.tools },
    broken: async () => (await dataOf(sandbox))['tls.crt'] !== toBase64(server.certificate),
    dispose: sandbox.dispose,
  };
};

faultContract('certificate-expiry', subject({ expired: true, issuer: 'shop-ca' }));

/** Serves with what is mounted now, as servers do that watch their certificate. */
const program = `
  const { readFileSync } = require('fs');
  const read = () => ({ cert: readFileSync('/tls/tls.crt'), key: readFileSync('/tls/tls.key') });
  const server = require('tls').createServer(read(), (socket) => socket.end());
  server.on('tlsClientError', () => {}).listen(8443);
  setInterval(() => server.setSecureContext(read()), 500);
`;

async function serveTls({ make, api, namespace }: Sandbox): Promise<{ pod: () => Promise<Pod>; sync: () => Promise<void> }> {
  const container = {
    name: 'web',
    image: 'firedrill.local/app:dev',
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', program],
    volumeMounts: [{ name: 'tls', mountPath: '/tls' }],
    readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
  };
  const volumes = [{ name: 'tls', secret: { secretName: 'web-tls' } }];
  const spec = { terminationGracePeriodSeconds: 1, containers: [container], volumes };
  await make({ ...core, resource: 'pods' }, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec });
  let syncedAt = 0;
  return {
    async pod() {
      const found = await api.get<Pod & KubeObject>({ ...core, resource: 'pods', namespace }, 'web');
      if (found === null) throw new Error('the pod is gone');
      return found;
    },
    // The kubelet looks at a pod that was changed at once, and at any other within about a minute.
    async sync() {
      if (performance.now() - syncedAt < 2000) return;
      syncedAt = performance.now();
      const body = { metadata: { annotations: { look: String(syncedAt) } } };
      await api.patch({ ...core, resource: 'pods', namespace }, 'web', { type: 'merge', body });
    },
  };
}

test('clients of a server that reloads its certificate refuse it for its end, and take it again after the revert', async () => {
  const sandbox = await openSandbox();
  try {
    const target = await secret(sandbox, 'web-tls', server);
    await secret(sandbox, 'shop-ca', between);
    const before = await dataOf(sandbox);
    const { pod, sync } = await serveTls(sandbox);
    await until('the server is ready', async () => isReady(await pod()), 60_000);
    const { podIP: host = '' } = (await pod()).status as { podIP?: string };
    const says = (): Promise<string> => handshake({ host, port: 8443 }, root.certificate);
    const becomes = (what: string): Promise<void> =>
      until(
        `clients say ${what}`,
        async () => {
          if ((await says()) === what) return true;
          await sync();
          return false;
        },
        120_000,
      );
    expect(await says()).toBe('ok');

    const act = await begin(certificateExpiry, target, { expired: true, issuer: 'shop-ca' }, { cluster: sandbox.tools });
    await becomes('CERT_HAS_EXPIRED');
    const feltMs = act.elapsedMs();
    const reverted = await finish(act);
    await becomes('ok');
    expect(await dataOf(sandbox)).toEqual(before);
    const told = JSON.stringify([act.evidence, act.params, act.undo, reverted.evidence, act.context.journaled]);
    for (const { key } of [server, between]) expect(told).not.toContain(toBase64(key));
    console.log('certificate-expiry, ms:', { ...act.times, feltMs, ...reverted.times, wellMs: reverted.elapsedMs() });
  } finally {
    await sandbox.dispose();
  }
});
