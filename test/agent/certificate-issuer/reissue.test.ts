import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readChain } from '../../../src/agent/certificate-issuer/chain.ts';
import { reissue } from '../../../src/agent/certificate-issuer/reissue.ts';
import { handshakeWith } from './handshake.ts';
import { makePki } from './pki.ts';

const inDays = (days: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 + days * 86_400_000);
const chain = (pair: { readonly certificate: string; readonly key: string }) => readChain(pair, 'web-tls');

describe('a certificate that is issued again with another end', () => {
  test.each(['ec', 'rsa', 'ed25519'] as const)(
    'is the same but for its dates, and clients trust it while it lasts (%s)',
    async (kind) => {
      const { root, between, server } = makePki(kind);
      const end = inDays(14);
      const made = reissue(chain(server), chain(between), end);
      const [old, now] = [new X509Certificate(server.certificate), new X509Certificate(made.certificate)];
      expect(now.validToDate).toEqual(end);
      expect(made).toMatchObject({ fingerprint: now.fingerprint256, before: { fingerprint: old.fingerprint256 } });
      for (const same of ['subject', 'issuer', 'subjectAltName', 'keyUsage', 'ca'] as const) expect(now[same]).toEqual(old[same]);
      expect(now.publicKey.equals(old.publicKey)).toBe(true);
      expect(now.serialNumber).not.toBe(old.serialNumber);
      expect(await handshakeWith({ ...server, certificate: made.certificate }, root.certificate)).toBe('ok');
    },
  );

  test('is refused by clients for its end alone once that has passed', async () => {
    const { root, between, server } = makePki();
    const { certificate } = reissue(chain(server), chain(between), inDays(-1));
    expect(await handshakeWith(server, root.certificate)).toBe('ok');
    expect(await handshakeWith({ ...server, certificate }, root.certificate)).toBe('CERT_HAS_EXPIRED');
  });

  test('signs itself where no CA is named, and is followed by no CA', async () => {
    const { root, server } = makePki();
    const { certificate } = reissue(chain(server), null, inDays(14));
    const made = new X509Certificate(certificate);
    expect(made.issuer).toBe(made.subject);
    expect(made.verify(made.publicKey)).toBe(true);
    expect(certificate.match(/BEGIN/g)).toHaveLength(1);
    expect(await handshakeWith({ ...server, certificate }, root.certificate)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('is not made of another CA, nor to end later than it does', () => {
    const { root, server, between } = makePki();
    expect(() => reissue(chain(server), chain(root), inDays(14))).toThrow(/which is not the issuer that was named/);
    expect(() => reissue(chain(server), chain(between), inDays(120))).toThrow(/ends at .* already/);
  });

  test('is not made of a key that is not its own, and no word of either is in the message', () => {
    const [one, other] = [makePki(), makePki()];
    const mixed = { certificate: one.server.certificate, key: other.server.key };
    expect(() => readChain(mixed, 'web-tls')).toThrow(
      'tls.key of Secret web-tls cannot be used: it is the key of another certificate',
    );
    expect(() => readChain({ certificate: 'hunter2', key: other.server.key }, 'web-tls')).toThrow(/^(?!.*hunter2)/);
  });
});
