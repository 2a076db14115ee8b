import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { certificateExpiry } from '../../src/faults/certificate-expiry.ts';
import { makePki } from '../agent/certificate-issuer/pki.ts';
import type { Pair } from '../agent/certificate-issuer/pki.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';

const { between, server } = makePki();

describe('certificate-expiry', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  beforeEach(() => {
    cluster = createFakeCluster();
    context = createContext('run-1-1', {}, { cluster });
    put('web-tls', server);
    put('shop-ca', between);
  });

  const refTo = (name: string) => ({ apiVersion: 'v1', resource: 'secrets', namespace: 'shop', name });
  const put = (name: string, { certificate, key }: Pair, more: JsonObject = {}): void => {
    const data = { 'tls.crt': btoa(certificate), 'tls.key': btoa(key) };
    const metadata = { uid: `uid-of-${name}`, ...(more['metadata'] as JsonObject | undefined) };
    cluster.put(refTo(name), { type: 'kubernetes.io/tls', data, ...more, metadata });
  };
  const target: TargetRef = {
    kind: 'config',
    service: 'web',
    name: 'certificate',
    uid: 'uid-of-web-tls',
    locator: refTo('web-tls'),
  };
  const data = async (): Promise<unknown> => (await cluster.get(refTo('web-tls')))?.['data'];
  const prepare = (params: JsonObject) => certificateExpiry.prepare(context, target, certificateExpiry.params.parse(params));

  test('only the certificate is another one, and comes back byte for byte; of keys, nothing is told or kept', async () => {
    const before = await data();
    const params = certificateExpiry.params.parse({ expired: true, issuer: 'shop-ca' });
    const undo = await certificateExpiry.prepare(context, target, params);
    expect(await data()).toEqual(before);
    await certificateExpiry.inject(context, target, params, undo);
    const seen = await certificateExpiry.verify(context, target, params, undo);
    expect(seen.summary).toMatch(
      /^certificate: the certificate ends at \S+Z, not at \S+Z, and is signed by the CA of Secret shop-ca$/,
    );
    expect(await data()).toMatchObject({ 'tls.key': btoa(server.key) });
    expect(await data()).not.toEqual(before);
    await certificateExpiry.revert(context, target, undo);
    expect(await data()).toEqual(before);
    const kept = JSON.stringify([seen, undo, params, context.journaled]);
    for (const { key } of [server, between]) {
      const [, line = ''] = key.split('\n');
      for (const text of [line, btoa(key)]) expect(kept).not.toContain(text);
    }
  });

  test('without a CA the evidence says that the certificate signs itself', async () => {
    const params = certificateExpiry.params.parse({ expiresIn: '14d' });
    const undo = await certificateExpiry.prepare(context, target, params);
    await certificateExpiry.inject(context, target, params, undo);
    expect((await certificateExpiry.verify(context, target, params, undo)).data).toMatchObject({ signedBy: 'itself' });
  });

  test('what cert-manager would bring back is refused by its name', async () => {
    const annotations = { 'cert-manager.io/certificate-name': 'web' };
    put('web-tls', server, { metadata: { uid: 'uid-of-web-tls', annotations } });
    await expect(prepare({ expired: true })).rejects.toThrow(/cert-manager \(web\)/);
    await expect(prepare({ expired: true, ownedBy: 'acknowledged' })).resolves.toBeDefined();
  });

  test('a Secret of another type, a CA that is not there and both ways at once are refused', async () => {
    await expect(prepare({ expired: true, issuer: 'no-ca' })).rejects.toMatchObject({ code: 'target/none' });
    put('web-tls', server, { type: 'Opaque' });
    await expect(prepare({ expired: true })).rejects.toThrow(/no Secret of type kubernetes.io\/tls/);
    expect(() => certificateExpiry.params.parse({ expired: true, expiresIn: '14d' })).toThrow(
      /either expired: true or expiresIn/,
    );
    expect(() => certificateExpiry.params.parse({})).toThrow(/either expired: true or expiresIn/);
  });
});
