import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** What openssl calls a new key. */
export type KeyKind = 'ec' | 'rsa' | 'ed25519';

const newKey: Readonly<Record<KeyKind, readonly string[]>> = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  rsa: ['-newkey', 'rsa:2048'],
  ed25519: ['-newkey', 'ed25519'],
};

/** A CA, a CA between, and a certificate of the latter for `web.example.test`, of a server or a client, valid for 90 days: all made by openssl. */
export function makePki(kind: KeyKind = 'ec'): { readonly root: Pair; readonly between: Pair; readonly server: Pair } {
  const cwd = mkdtempSync(join(tmpdir(), 'firedrill-pki-'));
  const make = (name: string, subject: string, extensions: readonly string[], signer: string | null): Pair => {
    writeFileSync(join(cwd, `${name}.cnf`), ['[req]', 'distinguished_name=name', '[name]', '[v3]', ...extensions, ''].join('\n'));
    const signed = signer === null ? [] : ['-CA', `${signer}.crt`, '-CAkey', `${signer}.key`];
    const output = ['-keyout', `${name}.key`, '-out', `${name}.crt`, '-config', `${name}.cnf`, '-extensions', 'v3'];
    const argv = ['req', '-x509', ...newKey[kind], '-nodes', '-days', '90', '-subj', subject, ...signed, ...output];
    execFileSync('openssl', argv, { cwd, stdio: 'pipe' });
    return { certificate: readFileSync(join(cwd, `${name}.crt`), 'utf8'), key: readFileSync(join(cwd, `${name}.key`), 'utf8') };
  };
  const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign', 'subjectKeyIdentifier=hash'];
  const usages = [
    'basicConstraints=CA:FALSE',
    'extendedKeyUsage=serverAuth,clientAuth',
    'subjectAltName=DNS:web.example.test,IP:127.0.0.1',
  ];
  try {
    const root = make('root', '/O=Prüfstelle/CN=root', authority, null);
    const between = make('between', '/O=Prüfstelle/CN=between', authority, 'root');
    const leaf = make(
      'web',
      '/O=Läden/CN=web',
      [...usages, 'subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid'],
      'between',
    );
    return { root, between, server: { certificate: leaf.certificate + between.certificate, key: leaf.key } };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
