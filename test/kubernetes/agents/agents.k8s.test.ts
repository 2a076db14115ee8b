import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { uninstall } from '../../../src/compose/uninstall.ts';
import type { Manifest } from '../../../src/install/options.ts';
import type { Rule } from '../../../src/install/rbac.ts';
import type { KubeApi, KubeObject } from '../../../src/ports/kubernetes.ts';
import { until } from '../../agent/until.ts';
import { eventually } from '../../lab/eventually.ts';
import { labApi } from '../drill-namespace.ts';
import { pidOfAgent } from './agent-pids.ts';
import { inject, nodeTarget, podTarget } from './injected.ts';
import type { Injected } from './injected.ts';
import { installAgents } from './installed-agents.ts';
import type { InstalledAgents } from './installed-agents.ts';
import { makeSleepingShop } from './sleeping-shop.ts';

const namespace = `agents-${process.pid}`;
const shop = `${namespace}-shop`;
/** The node that nobody else's pods are on. */
const node = 'w4';

let api: KubeApi;
let agents: InstalledAgents;

beforeAll(async () => {
  api = await labApi();
  await makeSleepingShop(shop);
  agents = await installAgents(api, namespace, shop);
  await kubectl('-n', shop, 'rollout', 'status', 'deployment/shop', '--timeout=60s');
});

afterAll(async () => {
  await agents.remove();
  await kubectl('delete', 'namespace', shop, '--timeout=60s');
  api.close();
});

const stress = async (): Promise<Injected> =>
  inject(agents.store, { fault: 'cpu-stress', agent: 'node', target: await podTarget(api, shop) });
const cordon = async (): Promise<Injected> =>
  inject(agents.store, { fault: 'node-cordon', agent: 'cluster', target: await nodeTarget(api, node) });
const isCordoned = async (): Promise<boolean> =>
  (await kubectl('get', 'node', node, '-o', 'jsonpath={.spec.unschedulable}')) === 'true';
const nodeAgents = async (): Promise<readonly string[]> =>
  (await kubectl('-n', agents.nodesNamespace, 'get', 'pods', '-o', 'name')).split('\n').filter((name) => name !== '');
const leader = async (): Promise<string> =>
  kubectl('-n', namespace, 'get', 'lease', 'firedrill-cluster-agent', '-o', 'jsonpath={.spec.holderIdentity}');

describe('agents in a cluster', () => {
  test('one of the node makes an injection true and false, and is gone when nothing needs it', async () => {
    const injected = await stress();
    await injected.reaches('active');
    expect(await nodeAgents()).toHaveLength(1);
    await injected.revert();
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'asked' });
    await until(nodeAgents, (names) => names.length === 0, 60_000);
  });

  test('say of themselves who leads, and how many injections are in effect', async () => {
    const injected = await stress();
    await injected.reaches('active');
    const pods = ['-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/name=firedrill-cluster-agent'] as const;
    const lines = await kubectl(...pods, '-o', 'jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{"\\n"}{end}');
    const leads = await leader();
    for (const [name, address] of lines
      .trim()
      .split('\n')
      .map((line) => line.split(' '))) {
      // Each learns of a record by its own watch, a moment after it was written.
      await eventually(async () => {
        const text = await (await fetch(`http://${address}:8086/metrics`)).text();
        expect(text).toContain(`firedrill_leader ${name === leads ? 1 : 0}\n`);
        expect(text.includes('firedrill_injections{phase="active"} 1\n')).toBe(name === leads);
      });
    }
    await injected.revert();
    await injected.ends();
  });

  test('another leads when the leader stands still, and reverts what it held; the former does nothing when it goes on', async () => {
    const injected = await cordon();
    await injected.reaches('active');
    expect(await isCordoned()).toBe(true);
    const frozen = await leader();
    const pid = pidOfAgent('/agent/cluster', `HOSTNAME=${frozen}`);
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'restart' });
      expect(await leader()).not.toBe(frozen);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await isCordoned()).toBe(false);
  });

  test('a leader that is asked to end reverts what it holds first', async () => {
    const injected = await cordon();
    await injected.reaches('active');
    await kubectl('-n', namespace, 'delete', 'pod', await leader());
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'shutdown' });
    expect(await isCordoned()).toBe(false);
  });

  test('revert what they hold and take nothing new where their policy was spoilt meanwhile, until another is installed', async () => {
    const [cordoned, stressed] = [await cordon(), await stress()];
    await Promise.all([cordoned, stressed].map((injected) => injected.reaches('active')));
    const spoilt = JSON.stringify({ data: { 'policy.yaml': 'environment: lab\nallowNothing: true\n' } });
    await kubectl('-n', namespace, 'patch', 'configmap', 'firedrill-policy', '--type=merge', '-p', spoilt);
    const led = await leader();
    try {
      for (const words of [
        ['/agent/cluster', `HOSTNAME=${led}`],
        ['/agent/node', stressed.runId],
      ])
        process.kill(pidOfAgent(...words), 'SIGKILL');
      for (const injected of [cordoned, stressed])
        expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'restart' });
      expect(await isCordoned()).toBe(false);
      const { phase, error } = await (await cordon()).ends();
      expect(phase).toBe('refused');
      expect(error?.message).toMatch(/without its policy: .*firedrill-policy/s);
    } finally {
      await agents.apply();
    }
    // The same text is the same policy to a Deployment: who was alive with the spoilt one is asked to read it again.
    await kubectl('-n', namespace, 'rollout', 'restart', 'deployment/firedrill-cluster-agent');
    await kubectl('-n', namespace, 'rollout', 'status', 'deployment/firedrill-cluster-agent', '--timeout=90s');
    const injected = await cordon();
    await injected.reaches('active');
    await injected.revert();
    await injected.ends();
  });

  test('one of the node whose container is killed reverts in its next life', async () => {
    const injected = await stress();
    await injected.reaches('active');
    process.kill(pidOfAgent('/agent/node', injected.runId), 'SIGKILL');
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'restart' });
  });

  test('one of the node whose pod is taken away in the middle of a fault is made anew, and reverts', async () => {
    const injected = await stress();
    await injected.reaches('active');
    // Not that of another run, which may be on its way out.
    const ofRun = ['get', 'pods', '-l', `firedrill.dev/run=${injected.runId}`, '-o', 'name'] as const;
    const pod = (await kubectl('-n', agents.nodesNamespace, ...ofRun)).trim();
    await kubectl('-n', agents.nodesNamespace, 'delete', pod, '--force', '--grace-period=0');
    const { phase, cause } = await injected.ends();
    expect(phase).toBe('reverted');
    // Which of the two is first: the old one, which is asked to end, or the new one.
    expect(['shutdown', 'restart']).toContain(cause);
  });

  test('kubectl delete of a record returns when the fault is reverted', async () => {
    const injected = await cordon();
    await injected.reaches('active');
    await kubectl('-n', namespace, 'delete', 'injection', injected.id, '--timeout=60s');
    injected.leave();
    expect(await isCordoned()).toBe(false);
  });

  test.each<[string, () => Promise<Injected>, RegExp]>([
    [
      'a namespace that the policy does not name',
      async () => pod({ namespace: 'default' }),
      /"default" is not among allowNamespaces/,
    ],
    ['a namespace that nothing opens', async () => pod({ namespace: 'kube-system' }), /"kube-system" is never acted on/],
    ['a pod that is not where its record says', async () => pod({ pod: 'another' }), /gone|another one by now/],
    ['a node that the policy does not name', async () => onNode('w1'), /node "w1" is not among allowNodes/],
  ])('refuse %s', async (_what, asked, message) => {
    const { phase, error } = await (await asked()).ends();
    expect(phase).toBe('refused');
    expect(error?.message).toMatch(message);
  });
  const pod = async (changes: Record<string, string>): Promise<Injected> =>
    inject(agents.store, { fault: 'cpu-stress', agent: 'node', target: await podTarget(api, shop, changes) });
  const onNode = async (name: string): Promise<Injected> =>
    inject(agents.store, { fault: 'node-cordon', agent: 'cluster', target: await nodeTarget(api, name) });
});

interface Review extends KubeObject {
  readonly status: { readonly allowed: boolean };
}

describe('an agent of a node that cannot start', () => {
  const noImage = 'firedrill.local/none:dev';
  const noVerb = 'for want of one verb';
  afterAll(() => agents.apply());

  const mayMakePods = async (): Promise<boolean> => {
    const user = `system:serviceaccount:${namespace}:firedrill-cluster-agent`;
    const resourceAttributes = { verb: 'create', resource: 'pods', namespace: agents.nodesNamespace };
    const reviews = { group: 'authorization.k8s.io', version: 'v1', resource: 'subjectaccessreviews' };
    const answer = await api.create<Review>(reviews, { spec: { user, resourceAttributes } });
    if (!answer.ok) throw new Error(answer.message);
    return answer.object.status.allowed;
  };

  test.each<[string, (object: Manifest) => Manifest, RegExp]>([
    [
      'for want of its image',
      (object) => {
        const text = JSON.stringify(object);
        if (object.kind === 'ValidatingAdmissionPolicy') return JSON.parse(text.replaceAll(imageReference('agent'), noImage));
        return JSON.parse(text.replace(/("--node-agent-image",)"[^"]*"/, `$1"${noImage}"`));
      },
      /does not start: ErrImage|does not start: ImagePull/,
    ],
    [
      'because Pod Security forbids it',
      (object) =>
        object.kind === 'Namespace' && object.metadata.name === `${namespace}-nodes`
          ? {
              ...object,
              metadata: {
                ...object.metadata,
                labels: { ...object.metadata.labels, 'pod-security.kubernetes.io/enforce': 'restricted' },
              },
            }
          : object,
      /PodSecurity/,
    ],
    [
      noVerb,
      (object) =>
        object.kind === 'Role' && object.metadata.namespace === `${namespace}-nodes`
          ? {
              ...object,
              rules: (object['rules'] as readonly Rule[]).map((rule) => ({
                ...rule,
                verbs: rule.verbs.filter((verb) => verb !== 'create' || !rule.resources.includes('pods')),
              })),
            }
          : object,
      /may not create pods in namespace/,
    ],
  ])('%s ends its injections as refused, untouched, and says why', async (what, change, message) => {
    await agents.apply(change);
    // The API server hears of a role by a watch of its own.
    if (what === noVerb) await until(mayMakePods, (may) => !may, 60_000);
    const { phase, error } = await (await stress()).ends();
    expect(phase).toBe('refused');
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(/nothing was touched/);
    await until(nodeAgents, (names) => names.length === 0, 60_000);
  });
});

describe('uninstall', () => {
  test('is refused while an injection has not ended', async () => {
    const injected = await cordon();
    await injected.reaches('active');
    await expect(uninstall(api, { namespace, force: false, by: 'a test', timeoutMs: 1 })).rejects.toThrow(injected.id);
    expect(await isCordoned()).toBe(true);
    await injected.revert();
    await injected.ends();
  });
});
