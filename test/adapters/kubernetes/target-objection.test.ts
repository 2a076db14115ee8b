import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { objectionToTarget } from '../../../src/adapters/kubernetes/target-objection.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

const pods = '/api/v1/namespaces/shop/pods';
let fake: FakeKubeApi;
let api: KubeApi;
beforeEach(async () => {
  fake = await startFakeKubeApi();
  api = createKubeApi(fake.access);
  fake.objects.put(pods, { metadata: { name: 'shop-1', uid: 'u1' }, spec: { nodeName: 'w1' } });
  fake.objects.put(pods, { metadata: { name: 'shop-2', uid: 'u2', annotations: { 'firedrill.dev/exclude': 'true' } }, spec: {} });
});
afterEach(async () => {
  api.close();
  await fake.close();
});

const pod = (name: string, uid: string, locator: TargetRef['locator']): TargetRef => ({
  kind: 'pod',
  service: 'shop',
  name,
  uid,
  locator: { namespace: 'shop', ...locator },
});

describe('what a record says of its target', () => {
  test('is taken when the cluster says the same', async () => {
    const target = pod('shop-1', 'u1', { pod: 'shop-1', podUid: 'u1', node: 'w1' });
    expect(await objectionToTarget(api, target, { inPod: false })).toBeNull();
    expect(await objectionToTarget(api, target, { inPod: true })).toBeNull();
  });

  test('does not bring an agent to a node that the pod is not on', async () => {
    const target = pod('shop-1', 'u1', { pod: 'shop-1', podUid: 'u1', node: 'w2' });
    const message = 'pod shop/shop-1 is on node w1, not w2. Plan again';
    expect(await objectionToTarget(api, target, { inPod: true })).toEqual({ code: 'target/none', message });
    expect(await objectionToTarget(api, target, { inPod: false })).toBeNull();
  });

  test.each([{}, { pod: 'shop-1' }])('does not lead the API past an excluded pod by another name (%j)', async (locator) => {
    const target = pod('shop-2', 'u2', locator);
    expect(await objectionToTarget(api, target, { inPod: false })).toMatchObject({ code: 'policy/denied' });
  });

  test.each([{ podUid: 'u-of-another-namespace' }, { podUid: ['u1'] }, {}])(
    'does not lead an agent into the processes of another pod (%j)',
    async (locator) => {
      const target = pod('shop-1', 'u-of-another-namespace', { pod: 'shop-1', ...locator });
      expect(await objectionToTarget(api, target, { inPod: true })).toMatchObject({ code: 'target/none' });
    },
  );
});
