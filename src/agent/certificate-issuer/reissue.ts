import { createPublicKey, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  Certificate,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_subjectKeyIdentifier,
  SubjectKeyIdentifier,
  Validity,
} from '@peculiar/asn1-x509';
import { AppError } from '../../domain/errors.ts';
import type { Chain } from './chain.ts';

export interface Reissued {
  /** PEM: the new certificate, and what followed the old one. */
  readonly certificate: string;
  readonly fingerprint: string;
  readonly notAfter: string;
  readonly before: { readonly fingerprint: string; readonly notAfter: string };
}

/** Of one certificate alone: who signed it, and the public logs that took it. */
const ofTheOldOne = [id_ce_authorityKeyIdentifier, '1.3.6.1.4.1.11129.2.4.2'];

/**
 * The same certificate with the same key, that ends at another time: subject, names and usages stay, byte for byte. `issuer`: its
 * CA; null: it signs itself. Errors: `target/none` when it ends no later already, `policy/denied`.
 */
export function reissue(old: Chain, issuer: Chain | null, endsAt: Date): Reissued {
  const { leaf } = old;
  if (endsAt.getTime() >= leaf.validToDate.getTime()) {
    throw new AppError('target/none', `the certificate ends at ${iso(leaf.validToDate)} already. Ask for less than that`);
  }
  if (issuer !== null && !(leaf.checkIssued(issuer.leaf) && leaf.verify(createPublicKey(issuer.key)))) {
    throw new AppError(
      'policy/denied',
      `the certificate is of "${inOneLine(leaf.issuer)}", which is not the issuer that was named ("${inOneLine(issuer.leaf.subject)}"): nobody would trust it for its new end alone. Name the Secret of its CA`,
    );
  }
  const signer = issuer ?? old;
  const certificate = AsnConvert.parse(leaf.raw, Certificate);
  const { tbsCertificate } = certificate;
  const lifetimeMs = leaf.validToDate.getTime() - leaf.validFromDate.getTime();
  tbsCertificate.serialNumber = newSerial();
  tbsCertificate.issuer = AsnConvert.parse(signer.leaf.raw, Certificate).tbsCertificate.subject;
  tbsCertificate.validity = new Validity({ notBefore: new Date(endsAt.getTime() - lifetimeMs), notAfter: endsAt });
  tbsCertificate.signature = algorithmOf(signer.key);
  tbsCertificate.extensions = new Extensions([
    ...(tbsCertificate.extensions ?? []).filter(({ extnID }) => !ofTheOldOne.includes(extnID)),
    ...signedBy(signer.leaf),
  ]);
  certificate.tbsCertificateRaw = AsnConvert.serialize(tbsCertificate);
  certificate.signatureAlgorithm = tbsCertificate.signature;
  const digest = signer.key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  certificate.signatureValue = bufferOf(sign(digest, Buffer.from(certificate.tbsCertificateRaw), signer.key));
  const made = new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)));
  return {
    // What follows a certificate leads from its CA on: nobody but the CA is followed by it.
    certificate: [made.toString().trim(), ...(issuer === null ? [] : old.rest)].map((pem) => `${pem}\n`).join(''),
    ...told(made),
    before: told(leaf),
  };
}

/** Public: what a record may hold of a certificate. */
function told({ fingerprint256, validToDate }: X509Certificate): { readonly fingerprint: string; readonly notAfter: string } {
  return { fingerprint: fingerprint256, notAfter: iso(validToDate) };
}

/** 127 random bits, and never 0: a serial number is positive. */
function newSerial(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bufferOf(bytes);
}

/** Names the signer's key, where the signer does. */
function signedBy(signer: X509Certificate): Extension[] {
  const { extensions = [] } = AsnConvert.parse(signer.raw, Certificate).tbsCertificate;
  const found = extensions.find(({ extnID }) => extnID === id_ce_subjectKeyIdentifier);
  if (found === undefined) return [];
  const keyIdentifier = AsnConvert.parse(found.extnValue.buffer, SubjectKeyIdentifier);
  const value = AsnConvert.serialize(new AuthorityKeyIdentifier({ keyIdentifier }));
  return [new Extension({ extnID: id_ce_authorityKeyIdentifier, critical: false, extnValue: new OctetString(value) })];
}

/** RFC 3279, 5758, 8410. */
function algorithmOf({ asymmetricKeyType }: KeyObject): AlgorithmIdentifier {
  switch (asymmetricKeyType) {
    case 'rsa':
      return new AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.11', parameters: null });
    case 'ec':
      return new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });
    case 'ed25519':
      return new AlgorithmIdentifier({ algorithm: '1.3.101.112' });
    default:
      throw new AppError(
        'policy/denied',
        `nothing here signs with a key of type ${asymmetricKeyType ?? 'unknown'}. Name another CA (RSA, EC or Ed25519)`,
      );
  }
}

const bufferOf = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;
const iso = (date: Date): string => date.toISOString().replace('.000Z', 'Z');
const inOneLine = (name: string): string => name.replaceAll('\n', ', ');
