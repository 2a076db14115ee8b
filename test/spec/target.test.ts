import { describe, expect, test } from '@jest/globals';
import { loadEnvironment } from '../../src/planning/load-environment.ts';
import { loadWorkspace, findSpec } from '../../src/planning/workspace.ts';
import type { ExperimentTarget } from '../../src/spec/target.ts';
import { experiment, faults, filesOf, hypothesis, problemsOf } from './workspace-fixture.ts';

const place = 'experiments/slow.yaml:9:15: spec.faults[0].target';

function withTarget(target: string, fault = 'network-latency'): string {
  return experiment
    .replace('{ service: payments-api, to: fraud-detector }', target)
    .replace('fault: network-latency', `fault: ${fault}`)
    .replace('{ delay: 800ms }', fault === 'network-latency' ? '{ delay: 800ms }' : '{}');
}

async function read(target: string, fault?: string): Promise<ExperimentTarget> {
  const files = filesOf({ 'experiments/slow.yaml': withTarget(target, fault), 'hypotheses/survive.yaml': hypothesis });
  const workspace = await loadWorkspace(['experiments', 'hypotheses'], { files, faults });
  expect(workspace.problems).toEqual([]);
  return findSpec(workspace, 'Experiment', 'slow').faults[0]!.target;
}

describe('a target', () => {
  test.each([
    [
      '{ service: api, to: fraud, count: 2 }',
      undefined,
      { kind: 'link', service: 'api', to: 'fraud' },
      { by: 'random', amounts: [{ count: 2 }] },
    ],
    [
      '{ service: api, percent: 30% }',
      'process-kill',
      { kind: 'member', service: 'api' },
      { by: 'random', amounts: [{ ratio: 0.3 }] },
    ],
    [
      '{ service: api, stages: [1, 100%], strategy: one-per-node }',
      'process-kill',
      { kind: 'member', service: 'api' },
      { by: 'one-per-node', amounts: [{ count: 1 }, { ratio: 1 }] },
    ],
    ['{ service: api, names: [api-0] }', 'process-kill', { kind: 'member', service: 'api' }, { by: 'name', names: ['api-0'] }],
    [
      '{ service: api, strategy: named, names: [api-0] }',
      'process-kill',
      { kind: 'member', service: 'api' },
      { by: 'name', names: ['api-0'] },
    ],
    [
      '{ zone: a, percent: 100% }',
      'node-stop',
      { kind: 'node', node: null, zone: 'a' },
      { by: 'random', amounts: [{ ratio: 1 }] },
    ],
    ['{ node: w1 }', 'node-stop', { kind: 'node', node: 'w1', zone: null }, { by: 'random', amounts: [{ count: 1 }] }],
    [
      '{ nodes: any, count: 2 }',
      'node-stop',
      { kind: 'node', node: null, zone: null },
      { by: 'random', amounts: [{ count: 2 }] },
    ],
    [
      '{ service: api, config: limits }',
      'config-drift',
      { kind: 'config', service: 'api', config: 'limits' },
      { by: 'random', amounts: [{ count: 1 }] },
    ],
  ])('%s is read', async (written, fault, selector, choice) => {
    expect(await read(written, fault)).toEqual({ selector, choice, allowAll: false, allowCritical: false });
  });
});

describe('a target is refused, with its place, when it', () => {
  test.each([
    ['names nothing', '{ count: 1 }', 'names nothing to break. Write service, or for nodes one of node, zone and nodes'],
    [
      'names two places',
      '{ service: api, zone: a }',
      'service and zone do not go together. Write one of service, node, zone and nodes',
    ],
    [
      'names two kinds',
      '{ service: api, to: a, volume: b }',
      'to and volume do not go together. Write one of to, volume, postgres, redis and config',
    ],
    [
      'gives two amounts',
      '{ service: api, count: 1, stages: [1, 2] }',
      'count and stages do not go together. Write one of count, percent, stages and names',
    ],
    [
      'chooses among one thing',
      '{ service: api, postgres: main, count: 2 }',
      'postgres and count do not go together. Write postgres alone: it is one thing',
    ],
    [
      'chooses among one Redis',
      '{ service: api, redis: sessions, count: 2 }',
      'redis and count do not go together. Write redis alone: it is one thing',
    ],
    [
      'chooses among one node',
      '{ node: w1, strategy: oldest }',
      'node and strategy do not go together. Write node alone: it is one thing',
    ],
    ['chooses by name, and gives none', '{ service: api, strategy: named }', 'strategy named chooses nobody. Write names: [...]'],
    [
      'gives names and chooses otherwise',
      '{ service: api, names: [a], strategy: oldest }',
      'names and strategy oldest do not go together. Write one of them',
    ],
    ['has a link of no service', '{ zone: a, to: fraud }', 'to is of a service. Write service beside it'],
  ])('%s', async (_, target, message) => {
    expect(await problemsOf({ experiment: withTarget(target) })).toContainEqual(`${place}: ${message}`);
  });

  test('has one stage', async () => {
    const [problem] = await problemsOf({ experiment: withTarget('{ service: api, stages: [1] }', 'process-kill') });
    expect(problem).toMatch(/^experiments\/slow\.yaml:9:39: spec\.faults\[0\]\.target\.stages: must have at least 2/);
  });

  test('is of a kind that the fault does not act on', async () => {
    expect(await problemsOf({ experiment: withTarget('{ zone: a }') })).toEqual([
      `${place}: network-latency does not act on a node. It acts on: a link (service, to)`,
    ]);
  });
});

const cluster = (namespace: string, more = ''): string => `apiVersion: firedrill.dev/v1
kind: Environment
metadata: { name: staging }
spec:
  platform: kubernetes
  prometheus: { url: 'http://127.0.0.1:9090' }
  temporal: { address: '127.0.0.1:7233' }
  archive: ./runs
  services:
    web: { namespace: ${namespace}, workload: deployment/web }
${more}`;

const load = (text: string) => loadEnvironment('staging.yaml', filesOf({ 'staging.yaml': text }));

describe('the environment of a cluster', () => {
  test('has limits where it says none', async () => {
    expect((await load(cluster('payments'))).policy).toEqual({
      maxPercent: 50,
      maxCount: null,
      minHealthy: 1,
      maxPerNode: null,
      maxPerZone: null,
      maxHoldSeconds: 600,
      allowAll: false,
      allowCritical: false,
    });
  });

  test.each(['kube-system', 'kube-public', 'kube-node-lease', 'cert-manager', 'monitoring', 'firedrill', 'firedrill-nodes'])(
    'opens no namespace %s',
    async (namespace) => {
      await expect(load(cluster(namespace))).rejects.toMatchObject({
        code: 'spec/invalid',
        message: expect.stringContaining(
          `staging.yaml:10:23: spec.services.web.namespace: nothing may be broken in ${namespace}`,
        ),
      });
    },
  );

  test('opens no namespace of its own agents, whatever they are called', async () => {
    const moved = cluster('drills-nodes', '  cluster: { namespace: drills }\n');
    await expect(load(moved)).rejects.toMatchObject({
      message: expect.stringContaining('nothing may be broken in drills-nodes'),
    });
  });

  test('lets nobody leave no member well', async () => {
    await expect(load(cluster('payments', '  policy: { minHealthy: 0 }\n'))).rejects.toMatchObject({
      message: expect.stringContaining('staging.yaml:11:25: spec.policy.minHealthy: must be at least 1'),
    });
  });
});
