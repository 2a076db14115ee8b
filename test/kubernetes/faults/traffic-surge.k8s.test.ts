import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { hostAddress } from '../../../lab/kubernetes/topology.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { faultByName } from '../../../src/faults/index.ts';
import { trafficSurge } from '../../../src/faults/traffic-surge.ts';
import { faultContract, type Subject } from '../../faults/fault-contract.ts';
import { isSeen, until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { core, openSandbox, type Sandbox } from './cluster.ts';

/** A Service of the cluster whose only endpoint is in this test, which counts what comes: the fault knows it by the API alone. */
async function countingService(
  sandbox: Sandbox,
): Promise<{ target: TargetRef; arrived: () => number; total: () => number; close: () => void }> {
  const arrivals: number[] = [];
  const server = createServer((_request, response) => {
    arrivals.push(performance.now());
    if (arrivals.length % 3 === 0) response.writeHead(429);
    response.end();
  });
  await once(server.listen(0, hostAddress), 'listening');
  const { port } = server.address() as AddressInfo;
  const metadata = { name: 'web', labels: { 'kubernetes.io/service-name': 'web' } };
  await sandbox.make(
    { ...core, resource: 'services' },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'http', port: 80, targetPort: port }] } },
  );
  await sandbox.make(
    { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata,
      addressType: 'IPv4',
      ports: [{ name: 'http', port, protocol: 'TCP' }],
      endpoints: [{ addresses: [hostAddress], conditions: { ready: true } }],
    },
  );
  const locator = { namespace: sandbox.namespace, apiVersion: 'apps/v1', resource: 'deployments', name: 'web' };
  return {
    target: { kind: 'workload', service: 'web', name: 'web', uid: 'u', locator },
    /** In the last half second. */
    arrived: () => arrivals.filter((at) => at > performance.now() - 500).length,
    total: () => arrivals.length,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const policy = { surge: { maxPerSecond: 100 } };

async function subject(): Promise<Subject> {
  const sandbox = await openSandbox();
  const { target, total, close } = await countingService(sandbox);
  return {
    target,
    params: { service: 'web', perSecond: 50 },
    policy,
    lent: { cluster: sandbox.tools },
    // Carried out here: the source is held by a pipe, which is tested with it.
    fault: faultByName('traffic-surge')!,
    // What arrives from now on, at 50 in a second: what came before a revert is over.
    async broken() {
      const before = total();
      return isSeen(() => total() > before, 5000);
    },
    async dispose() {
      close();
      await sandbox.dispose();
    },
  };
}

faultContract('traffic-surge', subject);

test('the rate rises as asked, arrives outside, and is gone with the revert; more than the policy allows is refused', async () => {
  const sandbox = await openSandbox();
  const { target, arrived, close } = await countingService(sandbox);
  const lent = { cluster: sandbox.tools, policy };
  try {
    await expect(begin(trafficSurge, target, { service: 'web', perSecond: 101 }, lent)).rejects.toThrow(
      /surge.maxPerSecond: 100/,
    );
    await expect(begin(trafficSurge, target, { service: 'none', perSecond: 10 }, lent)).rejects.toMatchObject({
      code: 'target/none',
    });
    const act = await begin(trafficSurge, target, { service: 'web', perSecond: 100, ramp: '4s' }, lent);
    const evidence = () => act.fault.verify(act.context, target, act.params, act.undo);
    expect((await evidence()).data).toMatchObject({ aim: 25, wanted: 100 });
    for (let step = 0; step < 5; step += 1) await act.fault.adjust?.(act.context, target, act.params, act.undo);
    await act.fault.hold?.(act.context, target, act.params, act.undo);
    let full = act.evidence;
    let outside = 0;
    await until('it sends what was asked, and is told of what was limited', async () => {
      full = await evidence();
      outside = arrived() * 2;
      const { aim, lastSecond } = full.data as { aim: number; lastSecond: { limited: number } };
      return full.present && aim === 100 && outside >= 80 && lastSecond.limited > 0;
    });
    const reverted = await finish(act);
    const startedAt = performance.now();
    await until('nothing arrives', () => arrived() === 0);
    const quietMs = Math.round(performance.now() - startedAt);
    console.log('traffic-surge:', full.summary, { ...act.times, ...reverted.times, outside, quietMs });
  } finally {
    close();
    await sandbox.dispose();
  }
});
