import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AppError, messageOf } from '../../domain/errors.ts';

/** A certificate, whatever follows it in its file, and its private key. */
export interface Chain {
  readonly leaf: X509Certificate;
  /** PEM, as they are written. */
  readonly rest: readonly string[];
  readonly key: KeyObject;
}

const blocks = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads `tls.crt` and `tls.key`. Errors: `spec/invalid`, with nothing of their content. */
export function readChain({ certificate, key }: { readonly certificate: string; readonly key: string }, name: string): Chain {
  const [first, ...rest] = certificate.match(blocks) ?? [];
  if (first === undefined) throw unreadable(name, 'tls.crt', 'it holds no certificate');
  const leaf = tried(name, 'tls.crt', () => new X509Certificate(first));
  const parsed = tried(name, 'tls.key', () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(parsed)) throw unreadable(name, 'tls.key', 'it is the key of another certificate');
  return { leaf, rest, key: parsed };
}

function tried<T>(name: string, field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(name, field, messageOf(error));
  }
}

function unreadable(name: string, field: string, why: string): AppError {
  return new AppError('spec/invalid', `${field} of Secret ${name} cannot be used: ${why}. Look at the Secret`);
}
