import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { TemporalSettings } from '../../domain/temporal-settings.ts';

/** What a connection to Temporal is made with. */
export interface TemporalAccess {
  readonly address: string;
  readonly namespace: string;
  /** Absent: not encrypted. */
  readonly tls?: TemporalTls;
  readonly apiKey?: string;
}

interface TemporalTls {
  readonly serverRootCACertificate?: Buffer;
  readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
  readonly serverNameOverride?: string;
}

/**
 * Reads what the settings name. `secret` resolves `env:NAME` or `file:/path`. Errors: `spec/invalid`, for what is not there, is not
 * what it should be, has run out, or does not go together; no error holds what a file holds.
 */
export async function readTemporalAccess(
  { address, namespace, tls, apiKey }: TemporalSettings,
  secret: (ref: string) => Promise<string>,
): Promise<TemporalAccess> {
  if (apiKey === undefined) return { address, namespace, ...(tls === undefined ? {} : { tls: await readTls(tls) }) };
  const key = (await secret(apiKey)).trim();
  if (key === '') throw wrong('apiKey', `${apiKey} is empty`);
  // A key is not sent to whoever listens on the way.
  return { address, namespace, tls: await readTls(tls ?? {}), apiKey: key };
}

/** For a connection that was not made; over TLS the library's own word is often no more than that it took too long. */
export function noTemporal({ address, tls, apiKey }: TemporalAccess, cause: unknown): AppError {
  const none = `no Temporal server answers at ${address}`;
  const start = 'Start one with `temporal server start-dev`, or `npm run lab:up` in a checkout';
  if (tls === undefined) return new AppError('temporal/unreachable', `${none}. ${start}`, { cause });
  const shown = [...(tls.clientCertPair === undefined ? [] : ['a certificate']), ...(apiKey === undefined ? [] : ['an API key'])];
  const asked = `It was asked over TLS with ${shown.join(' and ') || 'no certificate of ours'}`;
  const message = `${none} (${messageOf(cause)}). ${asked}: check the address, and ca, cert and serverName of temporal.tls`;
  return new AppError('temporal/unreachable', message, { cause });
}

async function readTls(tls: NonNullable<TemporalSettings['tls']>): Promise<TemporalTls> {
  const { ca, cert, key, serverName } = tls;
  return {
    ...(ca === undefined ? {} : { serverRootCACertificate: (await readCertificate('tls.ca', ca)).pem }),
    ...(cert === undefined || key === undefined ? {} : { clientCertPair: await readPair(cert, key) }),
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
  };
}

async function readPair(cert: string, key: string): Promise<{ readonly crt: Buffer; readonly key: Buffer }> {
  const certificate = await readCertificate('tls.cert', cert);
  const pem = await readPart('tls.key', key);
  const privateKey = parsed('tls.key', key, 'no private key in PEM, or one with a passphrase', () => createPrivateKey(pem));
  if (!certificate.x509.checkPrivateKey(privateKey)) throw wrong('tls.key', `${key} is not the key of the certificate ${cert}`);
  return { crt: certificate.pem, key: pem };
}

async function readCertificate(name: string, file: string): Promise<{ readonly pem: Buffer; readonly x509: X509Certificate }> {
  const pem = await readPart(name, file);
  const x509 = parsed(name, file, 'no certificate in PEM', () => new X509Certificate(pem));
  if (x509.validToDate.getTime() < Date.now()) throw wrong(name, `${file} has run out on ${x509.validToDate.toISOString()}`);
  return { pem, x509 };
}

async function readPart(name: string, file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw wrong(name, `${file} could not be read: ${messageOf(cause)}`, cause);
  });
}

function parsed<T>(name: string, file: string, problem: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw wrong(name, `${file} holds ${problem}`, cause);
  }
}

function wrong(name: string, problem: string, cause?: unknown): AppError {
  return new AppError('spec/invalid', `temporal.${name}: ${problem}. Put it right in the environment's file or there`, { cause });
}
