import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keys, labelValue, selectorOf } from '../../../src/adapters/kubernetes/record-names.ts';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import type { Manifest } from '../../../src/install/options.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { until } from '../../agent/until.ts';
import { labApi } from '../drill-namespace.ts';
import { inject, nodeTarget, podTarget } from './injected.ts';
import type { Injected } from './injected.ts';
import { installAgents } from './installed-agents.ts';
import type { InstalledAgents } from './installed-agents.ts';
import { makeSleepingShop } from './sleeping-shop.ts';

const namespace = `installed-${process.pid}`;
const shop = `${namespace}-shop`;
const node = 'w4';

let api: KubeApi;
let ours: InstalledAgents;
let theirs: InstalledAgents;

beforeAll(async () => {
  api = await labApi();
  await makeSleepingShop(shop);
  [ours, theirs] = await Promise.all([installAgents(api, namespace, shop), installAgents(api, `${namespace}-other`, shop)]);
  await kubectl('-n', shop, 'rollout', 'status', 'deployment/shop', '--timeout=60s');
}, 120_000);

afterAll(async () => {
  await ours.remove();
  await theirs.remove();
  await kubectl('delete', 'namespace', shop, '--timeout=60s');
  api.close();
}, 120_000);

const stress = async ({ store }: InstalledAgents): Promise<Injected> =>
  inject(store, { fault: 'cpu-stress', agent: 'node', target: await podTarget(api, shop) });
const cordon = async ({ store }: InstalledAgents): Promise<Injected> =>
  inject(store, { fault: 'node-cordon', agent: 'cluster', target: await nodeTarget(api, node) });

const ended = async (injected: Injected): Promise<void> => {
  await injected.revert();
  expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'asked' });
  // Its claims go a moment after its status was written, and nobody of another installation waits for them.
  const labelSelector = selectorOf({ [keys.record]: 'claim', [keys.injection]: labelValue(injected.id) });
  await until(
    () => api.list({ group: 'coordination.k8s.io', version: 'v1', resource: 'leases' }, { labelSelector }),
    ({ items }) => items.length === 0,
    60_000,
  );
};

describe('of two installations in one cluster', () => {
  test.each([
    ['pod', stress],
    ['node', cordon],
  ])('the second is refused the %s that the first has, is told who, and gets it afterwards', async (_what, wish) => {
    const first = await wish(ours);
    await first.reaches('active');
    const { phase, error } = await (await wish(theirs)).ends();
    expect(phase).toBe('refused');
    expect(error).toMatchObject({
      code: 'claim/taken',
      message: expect.stringContaining(`"${ours.namespace}/${first.id}" holds`),
    });
    expect(await first.status()).toMatchObject({ phase: 'active' });
    await ended(first);
    const second = await wish(theirs);
    await second.reaches('active');
    await ended(second);
  });
});

describe('while something is in effect', () => {
  // The API server judges these as it would the real ones, and changes nothing.
  const judged = (...words: readonly string[]): Promise<string> => kubectl(...words, '--dry-run=server');
  const patched = (what: readonly string[], rules: readonly unknown[]): Promise<string> =>
    judged('patch', ...what, '--type=merge', '-p', JSON.stringify({ rules }));
  const rulesOf = async (what: readonly string[]): Promise<readonly { readonly verbs: readonly string[] }[]> =>
    (JSON.parse(await kubectl('get', ...what, '-o', 'json')) as { rules: { verbs: string[] }[] }).rules;
  const name = `${namespace}-cluster-agent`;

  test('nobody takes away what its revert needs, by whichever way; more may be given, and afterwards less', async () => {
    const injected = await cordon(ours);
    await injected.reaches('active');
    const role = ['clusterrole', name];
    const rules = await rulesOf(role);
    const less = rules.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== 'patch') }));
    const why = new RegExp(`injection ${injected.id} has not ended, and its revert may need this`);

    await expect(patched(role, less)).rejects.toThrow(why);
    for (const what of [
      role,
      ['clusterrolebinding', name],
      ['-n', shop, 'role', name],
      ['-n', shop, 'rolebinding', name],
      ['-n', namespace, 'serviceaccount', 'firedrill-cluster-agent'],
      ['-n', namespace, 'deployment', 'firedrill-cluster-agent'],
      ['namespace', namespace],
    ]) {
      await expect(judged('delete', ...what)).rejects.toThrow(why);
    }
    const subjects = JSON.stringify({ subjects: [] });
    const binding = ['clusterrolebinding', name, '--type=merge', '-p', subjects];
    await expect(judged('patch', ...binding)).rejects.toThrow(why);
    const more = { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] };
    await patched(role, [more, ...rules.toReversed()]);
    // What is another installation's, or nobody's, is no matter of ours.
    await judged('delete', 'clusterrole', `${theirs.namespace}-cluster-agent`);
    await judged('delete', 'namespace', shop);

    await ended(injected);
    await until(
      () =>
        patched(role, less).then(
          () => '',
          (error: Error) => error.message,
        ),
      (problem) => problem === '',
    );
  });

  test('installing again rolls the agents: what the leader held is reverted first, what is in pods goes on', async () => {
    const [held, going] = [await cordon(ours), await stress(ours)];
    await Promise.all([held.reaches('active'), going.reaches('active')]);
    await ours.apply(withAnother);
    expect(await held.ends()).toMatchObject({ phase: 'reverted', cause: 'shutdown' });
    expect(await kubectl('get', 'node', node, '-o', 'jsonpath={.spec.unschedulable}')).toBe('');
    expect(await going.status()).toMatchObject({ phase: 'active' });
    await ended(going);
  });
});

/** As a new image would be. */
function withAnother(object: Manifest): Manifest {
  if (object.kind !== 'Deployment') return object;
  const { template, ...spec } = object['spec'] as { readonly template: { readonly metadata: { readonly annotations?: object } } };
  const metadata = { ...template.metadata, annotations: { ...template.metadata.annotations, another: 'life' } };
  return { ...object, spec: { ...spec, template: { ...template, metadata } } };
}
