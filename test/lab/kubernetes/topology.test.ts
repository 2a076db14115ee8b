import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { everyWorker, nodeAddress, podSubnet, topology, workers } from '../../../lab/kubernetes/topology.ts';

interface KindConfig {
  readonly networking: { readonly podSubnet: string; readonly serviceSubnet: string };
  readonly nodes: readonly { readonly role: string; readonly image: string; readonly labels?: Record<string, string> }[];
}

const kind = parse(readFileSync(join(import.meta.dirname, '../../../kind-config.yaml'), 'utf8')) as KindConfig;

test('kind and the lab have the same workers in the same zones', () => {
  const zones = kind.nodes.filter(({ role }) => role === 'worker').map(({ labels }) => labels?.[topology.zoneLabel]);
  expect(zones).toEqual(workers.map(({ zone }) => zone));
  expect(kind.nodes.filter(({ role }) => role === 'control-plane')).toHaveLength(1);
});

test('kind and the lab run the same Kubernetes in the same networks', () => {
  expect(new Set(kind.nodes.map(({ image }) => image))).toEqual(new Set([`kindest/node:v${topology.kubernetes}`]));
  expect(kind.networking).toEqual({ podSubnet: topology.podSubnet, serviceSubnet: topology.serviceSubnet });
});

test('the lab builds the Kubernetes it says it is', () => {
  const modules = readFileSync(join(import.meta.dirname, '../../../lab/kubernetes/go/hyperkube/go.mod'), 'utf8');
  expect(modules).toContain(`require k8s.io/kubernetes v${topology.kubernetes}\n`);
});

test('no two nodes share an address or a pod network', () => {
  const nodes = [topology.controlPlane, ...everyWorker];
  expect(new Set(nodes.map(nodeAddress)).size).toBe(nodes.length);
  expect(new Set(everyWorker.map(podSubnet)).size).toBe(everyWorker.length);
});
