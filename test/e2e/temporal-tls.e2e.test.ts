import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { Server } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { freePorts } from '../../lab/host/free-ports.ts';
import { startPart, stopPart } from '../../lab/host/part.ts';
import type { PartRecord } from '../../lab/host/part.ts';
import { findTemporal, temporalCommand } from '../../lab/host/temporal.ts';
import { makePki } from '../agent/certificate-issuer/pki.ts';
import { commandLine, stopCommand } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

// The development server knows no TLS: in front of it is one that lets nobody through without a certificate of its authority.
const ours = makePki();
const stranger = makePki();
let directory: string;
let temporal: PartRecord | undefined;
let front: Server;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-temporal-tls-'));
  const [port] = (await freePorts(1)) as [number];
  const binary = await findTemporal(() => {});
  const command = temporalCommand({ binary, port, directory, logFile: join(directory, 'temporal.log') });
  await startPart(command, (record) => (temporal = record));
  const { certificate: cert, key } = ours.server;
  const how = { cert, key, ca: ours.root.certificate, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] };
  front = createServer(how, (socket) => {
    const behind = connect(port, '127.0.0.1');
    for (const each of [socket, behind]) each.on('error', () => [socket, behind].forEach((one) => one.destroy()));
    socket.pipe(behind).pipe(socket);
  });
  front.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
}, 120_000);

afterAll(async () => {
  front.close();
  if (temporal !== undefined) await stopPart(temporal);
  rmSync(directory, { recursive: true, force: true });
});

/** The command line in an environment whose files are where it says, relative to it. */
function lineWith(name: string, tls: Readonly<Record<string, string>>) {
  const environmentFile = join(directory, `${name}.yaml`);
  const [prometheus, address] = ['http://127.0.0.1:1', `127.0.0.1:${(front.address() as AddressInfo).port}`];
  const files = { 'ca.pem': ours.root.certificate, 'cert.pem': ours.server.certificate, 'key.pem': ours.server.key };
  const others = { 'other.pem': stranger.server.certificate, 'other-key.pem': stranger.server.key };
  for (const [file, content] of Object.entries({ ...files, ...others })) writeFileSync(join(directory, file), content);
  const spec = {
    platform: 'host',
    prometheus: { url: prometheus },
    temporal: { address, tls },
    state: './state',
    archive: './runs',
    services: {},
  };
  writeFileSync(environmentFile, stringify({ apiVersion: 'firedrill.dev/v1', kind: 'Environment', metadata: { name }, spec }));
  return commandLine({ cwd: tmpdir(), environmentFile });
}

test('worker and commands reach a Temporal server that wants their certificate', async () => {
  const line = lineWith('mutual', { ca: './ca.pem', cert: './cert.pem', key: './key.pem' });
  const worker = line.start('worker');
  try {
    await worker.shows('firedrill worker: ready');
    expect(await temporalOf(line)).toMatchObject({ ok: true });
  } finally {
    await stopCommand(worker);
  }
}, 120_000);

test.each([
  ['no certificate', { ca: './ca.pem' }, 'no certificate of ours'],
  ['one of another authority', { ca: './ca.pem', cert: './other.pem', key: './other-key.pem' }, 'a certificate'],
])(
  'with %s they are told what to look at',
  async (_what, tls, shown) => {
    const seen = await temporalOf(lineWith('stranger', tls));
    expect(seen?.ok).toBe(false);
    expect(seen?.text).toContain(
      `It was asked over TLS with ${shown}: check the address, and ca, cert and serverName of temporal.tls`,
    );
  },
  60_000,
);

/** What `firedrill doctor` says of Temporal. */
async function temporalOf(line: CommandLine): Promise<{ readonly ok: boolean; readonly text: string } | undefined> {
  const { stdout } = await line.run('doctor', '--json');
  return (JSON.parse(stdout) as { what: string; ok: boolean; text: string }[]).find(({ what }) => what === 'Temporal');
}
