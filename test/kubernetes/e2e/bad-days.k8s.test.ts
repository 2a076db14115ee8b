import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { applyManifests, kubectl, kubectlReading } from '../../../lab/kubernetes/kubectl.ts';
import type { Ended } from '../../e2e/command-line.ts';
import { eventually } from '../../lab/eventually.ts';
import { runIdIn, startClusterStack } from './cluster-stack.ts';
import type { ClusterStack } from './cluster-stack.ts';
import { slowCalls } from './experiment.ts';
import type { Drill } from './experiment.ts';
import { containersIn, endForWantOfMemory, killAll } from './processes.ts';
import type { RunningContainer } from './processes.ts';
import { becomesFast, isSlow, startSlowPod } from './slow-pod.ts';

const limitMs = 180_000;
const agentsDeployment = 'deployment/firedrill-cluster-agent';
let stack: ClusterStack;

beforeAll(async () => {
  stack = await startClusterStack('bad-days');
}, 300_000);

afterAll(() => stack?.stop(), 300_000);

afterEach(async () => {
  await stack.isIdle();
  await kubectl('-n', stack.namespace, 'rollout', 'status', agentsDeployment, '--timeout=60s');
}, limitMs);

function expectAbortedClean(ended: Ended): void {
  expect(ended.code).toBe(6);
  expect(stack.recordOf(ended).outcome).toMatchObject({ ending: 'aborted', cleanup: 'clean' });
}

const statusOf = (ended: Ended) => stack.recordOf(ended).injections[0]?.status;

describe('a fault within a pod', () => {
  test(
    'ends by its lease when the worker is killed, and the run says so once a worker is back',
    async () => {
      const { run, victim } = await startSlowPod(stack);

      await stack.killWorker();
      await becomesFast(stack.shop, victim);
      stack.startWorker();
      const ended = await run.ended();

      expectAbortedClean(ended);
      expect(statusOf(ended)).toMatchObject({ phase: 'reverted', cause: 'lease' });
    },
    limitMs,
  );

  test.each<[string, (agent: RunningContainer) => Promise<void>]>([
    ['is evicted', evict],
    ['is killed by the kernel for want of memory', endForWantOfMemory],
  ])(
    'is reverted when the agent of its node %s',
    async (_what, happen) => {
      const { run, victim } = await startSlowPod(stack);

      // Not that of an earlier run, which may be on its way out.
      const [agent] = await containersIn(stack.nodesNamespace, `firedrill.dev/run=${runIdIn(run.text())}`);
      await happen(agent!);
      await becomesFast(stack.shop, victim);
      const ended = await run.ended();

      expectAbortedClean(ended);
      expect(statusOf(ended)?.phase).toBe('reverted');
      expect(['shutdown', 'restart']).toContain(statusOf(ended)?.cause);
    },
    limitMs,
  );
  async function evict({ pod }: RunningContainer): Promise<void> {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: stack.nodesNamespace } };
    const path = `/api/v1/namespaces/${stack.nodesNamespace}/pods/${pod}/eviction`;
    await kubectlReading(JSON.stringify(eviction), 'create', '--raw', path, '--filename=-');
  }

  test(
    'goes on when its container starts anew, for the pod keeps its network, and is reverted in the end',
    async () => {
      const { run, victim } = await startSlowPod(stack);
      const container = async () => (await containersIn(victim.namespace, 'app=web')).find(({ pod }) => pod === victim.name);
      const before = await container();

      process.kill(before!.pids[0]!, 'SIGKILL');
      await eventually(async () => expect((await container())?.restarts).toBe(before!.restarts + 1), 60_000);
      await eventually(async () => expect(await isSlow(stack.shop, victim)).toBe(true), 60_000);
      run.signal('SIGINT');
      const ended = await run.ended();
      await becomesFast(stack.shop, victim);

      expectAbortedClean(ended);
      expect(statusOf(ended)).toMatchObject({ phase: 'reverted', cause: 'asked' });
    },
    limitMs,
  );

  test(
    'is gone with its pod when that is rescheduled, and what comes in its place is never touched',
    async () => {
      const { run, victim } = await startSlowPod(stack);

      await kubectl('-n', victim.namespace, 'delete', 'pod', victim.name, '--wait=false');
      const ended = await run.ended();

      expectAbortedClean(ended);
      expect(['lifted', 'reverted']).toContain(statusOf(ended)?.phase);
      await eventually(async () => expect(await stack.shop.pods()).toHaveLength(3), 60_000);
      await Promise.all((await stack.shop.pods()).map((pod) => becomesFast(stack.shop, pod)));
    },
    limitMs,
  );
});

describe('a run that must not begin', () => {
  test(
    'touches nothing when its pod was deleted between plan and release',
    async () => {
      const [victim] = await stack.shop.pods();
      const run = stack.startRun(slowCalls({ target: { service: 'web', to: 'callee', names: [victim!.name] }, baseline: '5s' }));
      await run.shows('baseline');

      await kubectl('-n', victim!.namespace, 'delete', 'pod', victim!.name, '--wait=false');
      const ended = await run.ended();

      expect(ended.code).toBe(3);
      const { outcome, injections } = stack.recordOf(ended);
      expect(outcome).toMatchObject({ ending: 'not-started', cleanup: 'clean' });
      expect(outcome.reason).toContain(victim!.name);
      // Whoever sees it first: the worker, right before it arms, or the agent.
      for (const { status } of injections) expect(status?.phase).toBe('refused');
      await eventually(async () => expect(await stack.shop.pods()).toHaveLength(3), 60_000);
    },
    limitMs,
  );

  test(
    "is refused untouched by the agents' own policy, whatever the worker asks",
    async () => {
      const ended = await stack.startRun(slowCalls({ lease: '5s' })).ended();

      expect(ended.code).toBe(3);
      const { outcome, injections } = stack.recordOf(ended);
      expect(outcome).toMatchObject({ cleanup: 'clean' });
      expect(outcome.reason).toMatch(/lease.*5 s.*10/);
      for (const { status } of injections) expect(status?.phase).toBe('refused');
    },
    limitMs,
  );

  test(
    'has no pod to choose where all are in the network of their node',
    async () => {
      const spec = {
        hostNetwork: true,
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'proxy', image: imageReference('tools'), command: ['sleep', '36000'] }],
      };
      const metadata = { name: 'proxy', namespace: stack.shop.namespace, labels: { app: 'proxy' } };
      await applyManifests(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
      await kubectl('-n', stack.shop.namespace, 'wait', 'pod/proxy', '--for=condition=Ready', '--timeout=60s');
      const ended = await stack.startRun(slowCalls({ target: { service: 'proxy', to: 'callee' } })).ended();
      await kubectl('-n', stack.shop.namespace, 'delete', 'pod', 'proxy', '--wait=false');

      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain('is in the network of its node (hostNetwork)');
    },
    limitMs,
  );

  test(
    'names the verb, the resource and the namespace that its agent has no right to',
    async () => {
      const role = ['-n', stack.shop.namespace, 'role', `${stack.namespace}-cluster-agent`];
      const before = await kubectl('get', ...role, '-o', 'json');
      const { rules } = JSON.parse(before) as { rules: { resources: string[]; verbs: string[] }[] };
      const less = rules.map((rule) =>
        rule.resources.includes('deployments') ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'patch') } : rule,
      );
      expect(less).not.toEqual(rules);
      await kubectl('patch', ...role, '--type=merge', '-p', JSON.stringify({ rules: less }));

      const ended = await stack.startRun(fewerPods).ended();
      await kubectl('patch', ...role, '--type=merge', '-p', JSON.stringify({ rules }));

      expect(ended.code).toBe(4);
      expect(stack.recordOf(ended).outcome).toMatchObject({ ending: 'failed', cleanup: 'clean' });
      expect(ended.stdout).toContain(`may not patch deployments in namespace "${stack.shop.namespace}"`);
      expect(await replicas()).toBe(3);
    },
    limitMs,
  );
});

const fewerPods: Drill = {
  name: 'fewer-pods',
  fault: 'scale',
  target: { service: 'web' },
  params: { replicas: 2 },
};
const replicas = async (): Promise<number> =>
  Number(await kubectl('-n', stack.shop.namespace, 'get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'));
const clusterAgents = () => containersIn(stack.namespace, 'app.kubernetes.io/name=firedrill-cluster-agent');

describe('a fault over the API', () => {
  test(
    'is reverted when the agent that leads is killed',
    async () => {
      const run = stack.startRun(fewerPods);
      await run.shows('holding for');
      expect(await replicas()).toBe(2);
      const lease = ['-n', stack.namespace, 'lease', 'firedrill-cluster-agent'];
      const leader = await kubectl('get', ...lease, '-o', 'jsonpath={.spec.holderIdentity}');

      killAll((await clusterAgents()).find(({ pod }) => pod === leader)!.pids);
      const ended = await run.ended();

      expectAbortedClean(ended);
      expect(statusOf(ended)).toMatchObject({ phase: 'reverted', cause: 'restart' });
      expect(await replicas()).toBe(3);
    },
    limitMs,
  );

  test(
    'outlives all agents of the cluster, and is reverted by the first one that is there again',
    async () => {
      const run = stack.startRun({ ...fewerPods, name: 'no-agents' });
      await run.shows('holding for');
      // They are not asked to end: they would revert first.
      const agents = await clusterAgents();
      for (const { pids } of agents) for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await kubectl('-n', stack.namespace, 'scale', agentsDeployment, '--replicas=0');
      await kubectl('-n', stack.namespace, 'delete', 'pods', ...agents.map(({ pod }) => pod), '--force', '--grace-period=0');
      killAll(agents.flatMap(({ pids }) => pids));
      await run.shows('no agent');
      expect(await replicas()).toBe(2);

      await kubectl('-n', stack.namespace, 'scale', agentsDeployment, '--replicas=2');
      const ended = await run.ended();

      expectAbortedClean(ended);
      expect(statusOf(ended)).toMatchObject({ phase: 'reverted', cause: 'restart' });
      expect(await replicas()).toBe(3);
    },
    limitMs,
  );
});

// The last one: there is no shop after it.
describe('a namespace that is deleted in the middle of a fault', () => {
  test(
    'takes the fault with it, and the run ends clean',
    async () => {
      const { run, victim } = await startSlowPod(stack);

      await kubectl('delete', 'namespace', victim.namespace, '--timeout=90s');
      const ended = await run.ended();

      expectAbortedClean(ended);
      expect(stack.recordOf(ended).injections.map(({ spec }) => spec.runId)).toEqual([runIdIn(ended.stdout)]);
    },
    limitMs,
  );
});
