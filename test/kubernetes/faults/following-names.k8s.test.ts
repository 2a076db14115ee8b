import { Resolver } from 'node:dns/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Evidence, Fault, FaultContext } from '../../../src/faults/fault.ts';
import { faultByName } from '../../../src/faults/index.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import { createContext } from '../../faults/context.ts';
import { usableNft } from '../../faults/subjects/redirect.ts';
import { until } from '../../faults/until.ts';
import { faultInPod } from './agent-pod.ts';
import { core, openSandbox, taken, type Sandbox } from './cluster.ts';
import { netemNode } from './netem-node.ts';
import { quickestMs, startLink, startPodLink, type PodLink } from './pod-link.ts';

process.env['FIREDRILL_NFT_BIN'] = (await usableNft()) ?? 'nft';
const slices = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
const ports = [{ name: 'main', port: 8080, protocol: 'TCP' }];
const patienceMs = 60_000;

/** A headless Service whose only endpoint goes from one pod to another, as when a pod is made anew. */
interface Moving {
  /** Returns once every DNS server of the cluster says so: each remembers for itself what it has answered. */
  to(app: 'callee' | 'other'): Promise<void>;
  /** What a plan says of a link to it: as a Service, and by its name. */
  readonly locators: Readonly<Record<'service' | 'host', JsonObject>>;
}

async function startMoving({ api, namespace, make, pods }: Sandbox): Promise<Moving> {
  const addressOf = async (app: string): Promise<string> => ((await pods(app))[0]!.status as { podIP?: string }).podIP ?? '';
  const endpointsOf = async (app: string) => [{ addresses: [await addressOf(app)], conditions: { ready: true } }];
  await make(
    { ...core, resource: 'services' },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'moving' }, spec: { clusterIP: 'None', ports } },
  );
  await make(slices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'moving', labels: { 'kubernetes.io/service-name': 'moving' } },
    addressType: 'IPv4',
    ports,
    endpoints: await endpointsOf('callee'),
  });
  const host = `moving.${namespace}.svc.cluster.local`;
  const address = await addressOf('callee');
  const kubeDns = await api.list<Pod & KubeObject>(
    { ...core, resource: 'pods', namespace: 'kube-system' },
    { labelSelector: 'k8s-app=kube-dns' },
  );
  const resolvers = kubeDns.items.map(({ status }) => {
    const resolver = new Resolver({ timeout: 1000, tries: 2 });
    resolver.setServers([(status as { podIP: string }).podIP]);
    return resolver;
  });
  const says = async (resolver: Resolver): Promise<string> => (await resolver.resolve4(host).catch(() => [])).join();
  return {
    async to(app) {
      const endpoints = await endpointsOf(app);
      taken(await api.patch({ ...slices, namespace }, 'moving', { type: 'merge', body: { endpoints } }));
      const wanted = await addressOf(app);
      const isThere = async (): Promise<boolean> => (await Promise.all(resolvers.map(says))).every((said) => said === wanted);
      await until(`every DNS server says that the name leads to ${app}`, isThere, patienceMs);
    },
    locators: {
      service: {
        destinations: [{ address, port: 8080, protocol: 'tcp' }],
        leads: { namespace, service: 'moving', ports: [], headless: true },
      },
      host: { destinations: [], leads: { hosts: [host], ports: [8080] } },
    },
  };
}

interface Place {
  readonly sandbox: Sandbox;
  readonly link: PodLink;
  readonly lent: Partial<Pick<FaultContext, 'node'>>;
  faultOf(name: string): Promise<Fault>;
  /** What is in the pod's network, where this machine sees it. */
  state(): string;
}

async function onThisKernel(): Promise<Place> {
  const sandbox = await openSandbox();
  const link = await startPodLink(sandbox);
  const faultOf = async (name: string): Promise<Fault> => faultByName(name) as Fault;
  return { sandbox, link, lent: { node: link.caller.node }, faultOf, state: link.state };
}

async function onNetem(node: string): Promise<Place> {
  const sandbox = await openSandbox();
  const [link] = await Promise.all([startLink(sandbox, node), faultInPod(sandbox, node, 'network-latency')]);
  return { sandbox, link, lent: {}, faultOf: (name) => faultInPod(sandbox, node, name), state: () => '' };
}

const withNetem = await netemNode();
const places = [
  { by: 'rules', start: onThisKernel, delay: { connections: 'keep', engine: 'relay' } },
  ...(withNetem === null
    ? []
    : [{ by: 'netem', start: () => onNetem(withNetem), delay: { engine: 'netem', direction: 'both' } }]),
];

describe.each(places)('a name that leads elsewhere in the middle of a fault by $by', ({ by, start, delay }) => {
  let place: Place;
  let moving: Moving;
  let revert: () => Promise<void>;
  beforeAll(async () => {
    place = await start();
    moving = await startMoving(place.sandbox);
  }, 300_000);
  afterEach(() => revert());
  afterAll(() => place.sandbox.dispose());

  test.each<['service' | 'host', string, JsonObject]>([
    ['service', 'network-latency', { delay: '400ms', ...delay }],
    ['host', 'network-partition', {}],
  ])('the %s has a new address under it: %s; and afterwards none is', async (kind, name, written) => {
    const { link, lent, faultOf, state } = place;
    const isHit = async (to: 'endpoint' | 'other'): Promise<boolean> => (await quickestMs({ ...link, call }, { to })) >= 400;
    const call: PodLink['call'] = (options) => link.call({ ...options, timeoutMs: 1500 });
    await moving.to('callee');
    const before = state();
    const fault = await faultOf(name);
    const context = createContext(`moving-${process.pid}-${by}-${kind}`, {}, lent);
    const target = { ...link.target, locator: { ...link.target.locator, ...moving.locators[kind] } };
    const params = fault.params.parse(written);
    const undo = await fault.prepare(context, target, params);
    revert = () => fault.revert(context, target, undo);
    await fault.arm?.(context, target, params, undo);
    await fault.inject(context, target, params, undo);
    expect([await isHit('endpoint'), await isHit('other')]).toEqual([true, false]);

    await moving.to('other');
    const movedAt = performance.now();
    let hitMs = 0;
    const isHitToo = async (): Promise<boolean> => {
      await fault.hold?.(context, target, params, undo);
      hitMs = Math.round(performance.now() - movedAt);
      return isHit('other');
    };
    await until('the new address is hit', isHitToo, patienceMs);
    let seen: Evidence | undefined;
    await until('verify sees it', async () => (seen = await fault.verify(context, target, params, undo)).present);
    expect(seen).toMatchObject({
      summary: expect.stringContaining('since then also'),
      data: { names: { gained: [expect.stringMatching(/:8080$/)], uncovered: [], unresolved: [], problem: null } },
    });

    await revert();
    expect([await isHit('endpoint'), await isHit('other')]).toEqual([false, false]);
    expect(state()).toBe(before);
    const gone = await fault.verifyReverted(context, target, undo);
    expect(gone).toMatchObject({ present: false, data: { names: { gained: [expect.stringMatching(/:8080$/)] } } });
    if (by === 'netem' && kind === 'service') expect(gone.data['restored']).toBe(true);
    console.log(
      `${name} by ${by}, the ${kind}: its new address is hit ${hitMs} ms after every DNS server has it;`,
      seen?.summary,
    );
  });
});
