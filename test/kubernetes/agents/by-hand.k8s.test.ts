import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import { kubeconfigAccess } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import { recordResources } from '../../../src/adapters/kubernetes/record-names.ts';
import { objectOfSpec } from '../../../src/adapters/kubernetes/record-objects.ts';
import { confirmByHand } from '../../../src/app/by-hand.ts';
import type { ConfirmationWord } from '../../../src/domain/injection/confirmation.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { adminKubeconfig } from '../../../lab/kubernetes/layout.ts';
import { applyManifests, kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { specOf } from '../../agent/records.ts';
import { labApi } from '../drill-namespace.ts';
import { until } from '../../agent/until.ts';
import { inject } from './injected.ts';
import type { Injected } from './injected.ts';
import { installAgents } from './installed-agents.ts';
import type { InstalledAgents } from './installed-agents.ts';

const namespace = `by-hand-${process.pid}`;
const shop = `${namespace}-shop`;
const { injections } = recordResources(namespace);
const opened: { close(): void }[] = [];
const at = '2026-01-01T12:00:00.000Z';
const keyOf = (word: ConfirmationWord) => `firedrill.dev/confirmed-${word}`;

let admin: KubeApi;
let agents: InstalledAgents;
/** Who was bound to the role by name, and who was not. */
let ann: KubeApi;
let worker: KubeApi;
let clusterAgent: KubeApi;

async function withToken(account: string): Promise<KubeApi> {
  const token = (await kubectl('-n', namespace, 'create', 'token', account)).trim();
  const { server, ca, namespace: usual } = await kubeconfigAccess({ file: adminKubeconfig() });
  const headers = async () => ({ authorization: `Bearer ${token}` });
  const api = createKubeApi({ server, namespace: usual, headers, ...(ca === undefined ? {} : { ca }) });
  opened.push(api);
  return api;
}

function storeOf(api: KubeApi): KubernetesStore {
  const store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope: null, clock: systemClock });
  opened.push(store);
  return store;
}

beforeAll(async () => {
  admin = await labApi();
  await kubectl('create', 'namespace', shop);
  agents = await installAgents(admin, namespace, shop);
  await applyManifests(`
apiVersion: v1
kind: ServiceAccount
metadata: { name: ann, namespace: ${namespace} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: ann-confirms, namespace: ${namespace} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${namespace}-confirmer }
subjects: [{ kind: ServiceAccount, name: ann, namespace: ${namespace} }]
`);
  [ann, worker, clusterAgent] = (await Promise.all(['ann', 'firedrill-worker', 'firedrill-cluster-agent'].map(withToken))) as [
    KubeApi,
    KubeApi,
    KubeApi,
  ];
}, 180_000);

afterAll(async () => {
  opened.forEach((each) => each.close());
  try {
    await agents.remove();
    await kubectl('delete', 'namespace', shop, '--timeout=60s');
  } finally {
    admin.close();
  }
}, 180_000);

const target = (name: string): TargetRef => ({
  kind: 'link',
  service: 'web',
  name,
  uid: name,
  locator: { namespace: shop, to: name },
});
const isAsked = ({ status }: Injected) =>
  until(status, (read) => read?.phase === 'activating' && read.activeAt !== undefined, 20_000);
const params = { instruction: 'Pull the cable', revertInstruction: 'Plug it in', within: '1m' };
/** As the command does, by a store of its own: one that watches already may not have heard yet of what was asked. */
const confirm = (of: string, word: ConfirmationWord, by = 'ann') => confirmByHand(storeOf(ann), { of, word, by, at });

describe('a fault by hand in a cluster', () => {
  test('is there and gone by annotations of people who were bound to the role, which its agent hears of from its watch', async () => {
    const injected = await inject(agents.store, { fault: 'manual', agent: 'cluster', target: target('uplink'), params });
    await isAsked(injected);
    await confirm(injected.runId, 'injected');
    const said = performance.now();
    expect(await injected.reaches('active')).toMatchObject({ evidence: { data: { confirmedBy: 'ann' } } });
    const heard = performance.now() - said;
    await injected.revert();
    await injected.reaches('reverting', 'stuck');
    await confirm(injected.runId, 'reverted');
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', revertEvidence: { data: { confirmedBy: 'ann' } } });
    console.log(`from a word to the phase active: ${heard.toFixed(0)} ms`);
  });

  test('stays open until somebody confirms, and holds the record that somebody deletes until then', async () => {
    const injected = await inject(agents.store, { fault: 'manual', agent: 'cluster', target: target('second'), params });
    await isAsked(injected);
    await confirm(injected.runId, 'injected');
    await injected.reaches('active');
    const deleted = kubectl('-n', namespace, 'delete', 'injection', injected.id, '--timeout=90s');
    const stuck = await injected.reaches('stuck');
    expect(stuck.error?.message).toContain('Do "Plug it in", then `firedrill confirm');
    expect(await admin.get(injections, injected.id)).not.toBeNull();
    await confirm(injected.runId, 'reverted');
    await deleted;
    injected.leave();
    expect(await admin.get(injections, injected.id)).toBeNull();
  });
});

describe('the right to confirm', () => {
  const id = 'test-open-0-0';
  const word = (by: string) => JSON.stringify({ by, at });
  const annotated = (annotations: Readonly<Record<string, string | null>>) =>
    ({ type: 'merge', body: { metadata: { annotations } } }) as const;
  const spec = (own: string) =>
    specOf({
      id: own,
      runId: own.replace('-0-0', ''),
      agent: 'cluster',
      environment: 'elsewhere',
      fault: 'manual',
      target: target(own),
    });

  // A finalizer of the test's own: the agent refuses this record and takes off its own, and there must be one to take off.
  beforeAll(async () => {
    const object = objectOfSpec(spec(id)) as { readonly metadata: { readonly finalizers: readonly string[] } };
    const finalizers = [...object.metadata.finalizers, 'test.firedrill.dev/held'];
    const made = await admin.create(injections, { ...object, metadata: { ...object.metadata, finalizers } });
    expect(made).toMatchObject({ ok: true });
  });

  afterAll(async () => {
    expect(await admin.patch(injections, id, { type: 'merge', body: { metadata: { finalizers: null } } })).toMatchObject({
      ok: true,
    });
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'the cluster agent may not say it, though it may patch records',
      () => clusterAgent.patch(injections, id, annotated({ [keyOf('reverted')]: word('agent') })),
      /firedrill-cluster-agent may not confirm what is done by hand/,
    ],
    [
      'the worker may not ask for what is confirmed already',
      () => {
        const object = objectOfSpec(spec('test-forged-0-0')) as { readonly metadata: object };
        return worker.create(injections, {
          ...object,
          metadata: { ...object.metadata, annotations: { [keyOf('reverted')]: word('worker') } },
        });
      },
      /firedrill-worker may not confirm what is done by hand/,
    ],
    [
      'whoever confirms may not take the finalizer off',
      () => ann.patch(injections, id, { type: 'merge', body: { metadata: { finalizers: null } } }),
      /ann may confirm what is done by hand, and change nothing else/,
    ],
    [
      'nor give the record to another agent',
      () => ann.patch(injections, id, { type: 'merge', body: { metadata: { labels: { 'firedrill.dev/agent': 'node' } } } }),
      /ann may confirm what is done by hand, and change nothing else/,
    ],
    [
      'nor write any other annotation',
      () => ann.patch(injections, id, annotated({ note: 'mine' })),
      /ann may confirm what is done by hand, and change nothing else/,
    ],
  ])('%s', async (_, attempt, why) => {
    await expect(attempt()).rejects.toMatchObject({ code: 'cluster/forbidden', message: expect.stringMatching(why) });
  });

  test('is to say it once: nobody changes it, and only who administers records takes it away', async () => {
    expect(await ann.patch(injections, id, annotated({ [keyOf('reverted')]: word('ann') }))).toMatchObject({ ok: true });
    for (const other of [word('bob'), null]) {
      await expect(ann.patch(injections, id, annotated({ [keyOf('reverted')]: other }))).rejects.toMatchObject({
        message: expect.stringContaining('what was confirmed stays as it was said first'),
      });
    }
    expect(await admin.patch(injections, id, annotated({ [keyOf('reverted')]: null }))).toMatchObject({ ok: true });
  });
});
