import { expect, test } from '@jest/globals';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { configDrift } from '../../../src/faults/config-drift.ts';
import { faultContract, type Subject } from '../../faults/fault-contract.ts';
import { begin, finish } from './acts.ts';
import { core, openSandbox, type Sandbox } from './cluster.ts';

/** With what the server writes in another way than we do. */
const password = 'postgres://a:b@c/d?x=1&y=<2>\u2028 battery\n\tstäple';

async function configured(sandbox: Sandbox, resource: 'configmaps' | 'secrets'): Promise<TargetRef> {
  const kind = resource === 'secrets' ? 'Secret' : 'ConfigMap';
  const data = { URL: encode(password, resource), MODE: encode('a', resource) };
  const made = await sandbox.make({ ...core, resource }, { apiVersion: 'v1', kind, metadata: { name: 'settings' }, data });
  const locator = { namespace: sandbox.namespace, apiVersion: 'v1', resource, name: 'settings' };
  return { kind: 'config', service: 'web', name: 'settings', uid: made.metadata.uid ?? '', locator };
}

const toBase64 = (text: string): string => Buffer.from(text).toString('base64');
const encode = (text: string, resource: string): string => (resource === 'secrets' ? toBase64(text) : text);

async function dataOf({ api, namespace }: Sandbox, resource: string): Promise<Readonly<Record<string, string>>> {
  return (await api.get({ ...core, resource, namespace }, 'settings'))?.data ?? {};
}

const subject = (resource: 'configmaps' | 'secrets', params: Subject['params']) => async (): Promise<Subject> => {
  const sandbox = await openSandbox();
  return {
    target: await configured(sandbox, resource),
    params,
    lent: { cluster: sandbox.tools },
    broken: async () => (await dataOf(sandbox, resource))['URL'] !== encode(password, resource),
    dispose: sandbox.dispose,
  };
};

faultContract('config-drift', subject('configmaps', { key: 'URL', change: 'remove' }));
faultContract('config-drift', subject('secrets', { key: 'URL', change: 'wrong' }));

test.each([
  ['configmaps', 'remove', undefined],
  ['configmaps', 'empty', ''],
  ['secrets', 'empty', ''],
  ['secrets', 'wrong', toBase64('x'.repeat(Buffer.byteLength(password)))],
] as const)(
  '%s: a key is changed (%s), comes back byte for byte, and its value is nowhere to be read',
  async (resource, change, now) => {
    const sandbox = await openSandbox();
    try {
      const target = await configured(sandbox, resource);
      const before = await dataOf(sandbox, resource);
      const act = await begin(configDrift, target, { key: 'URL', change }, { cluster: sandbox.tools });
      expect((await dataOf(sandbox, resource))['URL']).toBe(now);
      expect((await dataOf(sandbox, resource))['MODE']).toBe(before['MODE']);
      const reverted = await finish(act);
      expect(await dataOf(sandbox, resource)).toEqual(before);
      const told = JSON.stringify([act.evidence, act.params, reverted.evidence, act.context.journaled]);
      for (const value of [password, toBase64(password)]) expect(told).not.toContain(value);
      console.log(`config-drift ${resource} ${change}, ms:`, { ...act.times, ...reverted.times });
    } finally {
      await sandbox.dispose();
    }
  },
);
