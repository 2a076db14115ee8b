import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { inClusterAccess } from '../../../src/adapters/kubernetes/access.ts';
import { kubeconfigAccess } from '../../../src/adapters/kubernetes/kubeconfig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('access of a pod', () => {
  const write = (token: string, authority = 'PEM'): void => {
    for (const [name, text] of Object.entries({ token, namespace: 'drills', 'ca.crt': authority }))
      writeFileSync(join(folder, name), `${text}\n`);
  };

  test('has the token of the moment, for tokens change while a process lives', async () => {
    write('first');
    const access = await inClusterAccess({ host: '10.0.0.1', port: '443' }, folder);
    expect(access).toMatchObject({ server: 'https://10.0.0.1:443', namespace: 'drills' });
    expect(await access.headers()).toEqual({ authorization: 'Bearer first' });
    write('second');
    expect(await access.headers()).toEqual({ authorization: 'Bearer second' });
  });

  test('trusts the authority of the moment, for clusters change theirs', async () => {
    write('token', 'old');
    const access = await inClusterAccess({ host: '10.0.0.1', port: '443' }, folder);
    expect(await access.ca?.()).toBe('old');
    write('token', 'new');
    expect(await access.ca?.()).toBe('new');
  });

  test('finds an API server of IPv6', async () => {
    write('first');
    expect((await inClusterAccess({ host: 'fd00::1', port: '443' }, folder)).server).toBe('https://[fd00::1]:443');
  });

  test.each([
    ['without its variables', { host: undefined, port: undefined }],
    ['without a token', { host: '10.0.0.1', port: '443' }],
  ])('%s says what to do', async (_how, where) => {
    await expect(inClusterAccess(where, folder)).rejects.toMatchObject({
      code: 'spec/invalid',
      message: expect.stringContaining('name a kubeconfig'),
    });
  });
});

describe('access by a kubeconfig', () => {
  const exec = (command: string, args: readonly string[]) => ({
    apiVersion: 'client.authentication.k8s.io/v1',
    interactiveMode: 'Never',
    command,
    args,
  });
  const write = (): string => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    };
    const file = join(folder, 'config');
    writeFileSync(
      file,
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'one',
        clusters: [
          {
            name: 'c',
            cluster: { server: 'https://c.example:6443', 'certificate-authority-data': Buffer.from('CA').toString('base64') },
          },
        ],
        users: [
          { name: 'u', user: { token: 'abc' } },
          {
            name: 'x',
            user: { exec: exec(process.execPath, ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`]) },
          },
          {
            name: 'k',
            user: {
              'client-certificate-data': Buffer.from('CERT').toString('base64'),
              'client-key-data': Buffer.from('KEY').toString('base64'),
            },
          },
        ],
        contexts: [
          { name: 'one', context: { cluster: 'c', user: 'u', namespace: 'drills' } },
          { name: 'plugin', context: { cluster: 'c', user: 'x' } },
          { name: 'certificate', context: { cluster: 'c', user: 'k' } },
          { name: 'broken', context: { cluster: 'nowhere', user: 'u' } },
        ],
      }),
    );
    return file;
  };

  test('takes the current context, its token and its namespace', async () => {
    const access = await kubeconfigAccess({ file: write() });
    expect(access).toMatchObject({ server: 'https://c.example:6443', namespace: 'drills' });
    expect(String(await access.ca?.())).toBe('CA');
    expect(await access.headers()).toEqual({ authorization: 'Bearer abc' });
  });

  test('asks the plugin that a context names', async () => {
    const access = await kubeconfigAccess({ file: write(), context: 'plugin' });
    expect(await access.headers()).toEqual({ authorization: 'Bearer from-plugin' });
  });

  test('proves who we are by certificate', async () => {
    const access = await kubeconfigAccess({ file: write(), context: 'certificate' });
    expect([String(access.cert), String(access.key)]).toEqual(['CERT', 'KEY']);
    expect(await access.headers()).toEqual({});
  });

  test.each([
    ['a context that it does not have', { context: 'other' }, 'it has no context "other", only: one, plugin'],
    ['a context without a cluster', { context: 'broken' }, 'names the cluster "nowhere"'],
  ])('with %s says so', async (_what, wanted, said) => {
    await expect(kubeconfigAccess({ file: write(), ...wanted })).rejects.toMatchObject({
      code: 'spec/invalid',
      message: expect.stringContaining(said),
    });
  });

  test('that is not there says so', async () => {
    await expect(kubeconfigAccess({ file: join(folder, 'none') })).rejects.toMatchObject({ code: 'spec/invalid' });
  });
});
