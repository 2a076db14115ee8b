import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSecrets } from '../../src/adapters/host/secrets.ts';
import { readTemporalAccess } from '../../src/adapters/temporal/access.ts';
import type { TemporalAccess } from '../../src/adapters/temporal/access.ts';
import { connectOrchestrator } from '../../src/adapters/temporal/orchestrator.ts';
import { readChain } from '../../src/agent/certificate-issuer/chain.ts';
import { reissue } from '../../src/agent/certificate-issuer/reissue.ts';
import type { TemporalSettings } from '../../src/domain/temporal-settings.ts';
import { makePki } from '../agent/certificate-issuer/pki.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
const put = (name: string, content: string): void => writeFileSync(at(name), content);
const server = makePki();
const stranger = makePki();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-temporal-access-'));
  put('ca.pem', server.root.certificate);
  put('cert.pem', server.server.certificate);
  put('key.pem', server.server.key);
  put('other-key.pem', stranger.server.key);
  const chain = readChain({ certificate: server.server.certificate, key: server.server.key }, 'cert.pem');
  put('old-cert.pem', reissue(chain, null, new Date(Date.now() - 60_000)).certificate);
  put('note.txt', 'hunter2');
  put('api-key', 'k-file\n');
  put('empty', '\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (changes: Partial<TemporalSettings>): Promise<TemporalAccess> =>
  readTemporalAccess({ address: '127.0.0.1:1', namespace: 'default', ...changes }, createSecrets({ API_KEY: 'k-env' }));
const tlsOf = (names: Readonly<Record<string, string>>): Partial<TemporalSettings> => ({
  tls: Object.fromEntries(Object.entries(names).map(([key, name]) => [key, at(name)])),
});

describe('what a connection to Temporal is made with', () => {
  test('is not encrypted where nothing says so', async () => {
    expect(await read({})).toEqual({ address: '127.0.0.1:1', namespace: 'default' });
  });

  test('is read from the files and the variable that the environment names', async () => {
    const asked = tlsOf({ ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' });
    const { tls, apiKey } = await read({ tls: { ...asked.tls, serverName: 'temporal.test' }, apiKey: 'env:API_KEY' });
    expect(tls?.serverRootCACertificate?.toString()).toBe(server.root.certificate);
    expect(tls?.clientCertPair?.crt.toString()).toBe(server.server.certificate);
    expect(tls?.serverNameOverride).toBe('temporal.test');
    expect(apiKey).toBe('k-env');
  });

  test('is always encrypted with an API key', async () => {
    expect(await read({ apiKey: `file:${at('api-key')}` })).toMatchObject({ tls: {}, apiKey: 'k-file' });
  });

  test.each<[string, () => Partial<TemporalSettings>, RegExp]>([
    ['a file that is not there', () => tlsOf({ ca: 'none.pem' }), /temporal\.tls\.ca: \S+none\.pem could not be read: .*ENOENT/],
    ['no certificate', () => tlsOf({ ca: 'note.txt' }), /temporal\.tls\.ca: \S+note\.txt holds no certificate in PEM/],
    ['a key for a certificate', () => tlsOf({ cert: 'key.pem', key: 'key.pem' }), /tls\.cert: \S+key\.pem holds no certificate/],
    ['no key', () => tlsOf({ cert: 'cert.pem', key: 'note.txt' }), /tls\.key: \S+note\.txt holds no private key in PEM/],
    [
      'the key of another certificate',
      () => tlsOf({ cert: 'cert.pem', key: 'other-key.pem' }),
      /tls\.key: \S+other-key\.pem is not the key of the certificate \S+cert\.pem/,
    ],
    [
      'a certificate that has run out',
      () => tlsOf({ cert: 'old-cert.pem', key: 'key.pem' }),
      /tls\.cert: \S+old-cert\.pem has run out on \d{4}-/,
    ],
    ['a variable that is not there', () => ({ apiKey: 'env:NO_KEY' }), /no variable NO_KEY in this process's environment/],
    ['an empty key', () => ({ apiKey: `file:${at('empty')}` }), /temporal\.apiKey: file:\S+empty is empty/],
  ])('is refused for %s, and no secret is said', async (_what, settings, message) => {
    const error = await read(settings()).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'spec/invalid', message: expect.stringMatching(message) });
    expect(String(error)).not.toMatch(/hunter2|BEGIN/);
  });
});

test('an API key goes to the server with every request, over TLS', async () => {
  const seen: (string | undefined)[] = [];
  const { certificate, key } = server.server;
  const listening = createSecureServer({ cert: certificate, key }, ({ headers }, response) => {
    seen.push(headers['authorization']);
    response.writeHead(200, { 'content-type': 'application/grpc' });
    response.addTrailers({ 'grpc-status': '7', 'grpc-message': 'not here' });
    response.end();
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const access = await read({ address: `127.0.0.1:${port}`, ...tlsOf({ ca: 'ca.pem' }), apiKey: 'env:API_KEY' });
  await expect(connectOrchestrator(access)).rejects.toMatchObject({ code: 'temporal/unreachable' });
  expect(seen.length).toBeGreaterThan(0);
  expect(new Set(seen)).toEqual(new Set(['Bearer k-env']));
  listening.close();
});
