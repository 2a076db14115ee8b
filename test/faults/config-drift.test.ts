import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { configDrift } from '../../src/faults/config-drift.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';

const secretText = 'hunter2-hunter2';

describe('config-drift', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  const said: string[] = [];
  beforeEach(() => {
    cluster = createFakeCluster();
    context = { ...createContext('run-1-1', {}, { cluster }), log: (...given) => void said.push(JSON.stringify(given)) };
  });

  const target = (resource: string): TargetRef => ({
    kind: 'config',
    service: 'web',
    name: 'settings',
    uid: 'uid-of-settings',
    locator: { namespace: 'shop', apiVersion: 'v1', resource, name: 'settings' },
  });
  const put = (resource: string, body: JsonObject): void => {
    const ref = { apiVersion: 'v1', resource, namespace: 'shop', name: 'settings' };
    cluster.put(ref, { metadata: { uid: 'uid-of-settings' }, ...body });
  };
  const read = async (resource: string): Promise<JsonObject> =>
    (await cluster.get({ apiVersion: 'v1', resource, namespace: 'shop', name: 'settings' })) as unknown as JsonObject;

  test('the only key of a Secret is removed and comes back, and nothing that is told holds its value', async () => {
    put('secrets', { data: { password: btoa(secretText) } });
    const params = configDrift.params.parse({ key: 'password', change: 'remove' });
    const undo = await configDrift.prepare(context, target('secrets'), params);
    await configDrift.inject(context, target('secrets'), params, undo);
    const seen = await configDrift.verify(context, target('secrets'), params, undo);
    expect(seen).toMatchObject({ present: true, summary: 'settings: key password is missing' });
    await configDrift.revert(context, target('secrets'), undo);
    const after = await configDrift.verifyReverted(context, target('secrets'), undo);
    expect((await read('secrets'))['data']).toEqual({ password: btoa(secretText) });
    const told = JSON.stringify([seen, after, params, said, context.journaled]);
    expect(told).not.toContain(secretText);
    expect(told).not.toContain(btoa(secretText));
  });

  test('its undo, whose hash is in the record, is another each time: the hash tells nobody that a value was guessed', async () => {
    put('secrets', { data: { password: btoa('1234') } });
    const params = configDrift.params.parse({ key: 'password', change: 'remove' });
    const undos = [1, 2].map(() => configDrift.prepare(context, target('secrets'), params));
    const [one, other] = await Promise.all(undos);
    expect(one).not.toEqual(other);
  });

  test('a wrong value is as long as the right one, also where the API holds it as base64', async () => {
    put('secrets', { data: { password: btoa(secretText) } });
    put('configmaps', { data: { url: 'http://a' }, binaryData: { key: btoa('abc') } });
    for (const [resource, key, is] of [
      ['secrets', 'password', { data: { password: btoa('x'.repeat(secretText.length)) } }],
      ['configmaps', 'url', { data: { url: 'xxxxxxxx' } }],
      ['configmaps', 'key', { binaryData: { key: btoa('xxx') } }],
    ] as const) {
      const params = configDrift.params.parse({ key, change: 'wrong' });
      const undo = await configDrift.prepare(context, target(resource), params);
      await configDrift.inject(context, target(resource), params, undo);
      expect(await read(resource)).toMatchObject(is);
      await configDrift.revert(context, target(resource), undo);
    }
  });

  test('an immutable object, a key that is not there and an owned object are refused without a value in the words', async () => {
    const prepare = (key: string) =>
      configDrift.prepare(context, target('secrets'), configDrift.params.parse({ key, change: 'remove' }));
    put('secrets', { data: { password: btoa(secretText) }, immutable: true });
    await expect(prepare('password')).rejects.toMatchObject({ code: 'policy/denied' });
    put('secrets', { data: { password: btoa(secretText) } });
    await expect(prepare('pass')).rejects.toThrow('web/settings has no key pass. Its keys: password');
    const annotations = { 'cert-manager.io/certificate-name': 'web' };
    put('secrets', { metadata: { uid: 'uid-of-settings', annotations }, data: { password: btoa(secretText) } });
    await expect(prepare('password')).rejects.toThrow(/cert-manager \(web\)/);
  });
});
