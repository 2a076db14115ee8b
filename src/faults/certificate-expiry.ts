import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { milliseconds } from '../quantities.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { plannedConfig } from './shared/configs.ts';
import type { Config } from './shared/configs.ts';
import { changeObject, holdObject, lookForEffect, readRestored, restoreObject } from './shared/held-object.ts';
import type { HeldObject } from './shared/held-object.ts';
import { ownedBy } from './shared/ownership.ts';
import { objectOf } from './shared/workloads.ts';

const hourMs = 3_600_000;

const params = z
  .strictObject({
    expired: z.literal(true).nullable().default(null).describe('true: it ended an hour ago'),
    expiresIn: milliseconds(1000, 3650 * 24 * hourMs)
      .nullable()
      .default(null)
      .describe('instead of expired: how long it is still valid, such as 14d'),
    issuer: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be the name of a Secret')
      .nullable()
      .default(null)
      .describe('the Secret of its CA, in the same namespace; without it the certificate signs itself'),
    ownedBy,
  })
  .refine(({ expired, expiresIn }) => (expired === null) !== (expiresIn === null), {
    message: 'write either expired: true or expiresIn',
  })
  .transform(({ expiresIn, issuer, ownedBy }) => ({ expiresInMs: expiresIn ?? -hourMs, issuer, ownedBy }));
type Params = z.infer<typeof params>;

const certificate = z.object({ fingerprint: z.string(), notAfter: z.string() });
const reissued = certificate.extend({ certificate: z.string(), before: certificate });

/** Certificates only, which are public; no key. */
type Undo = {
  readonly held: HeldObject;
  readonly signedBy: string;
  readonly now: z.infer<typeof certificate>;
  readonly before: z.infer<typeof certificate>;
};

export const certificateExpiry: Fault<Params, Undo> = {
  name: 'certificate-expiry',
  summary: 'Makes the certificate of a Secret one that has expired, or soon will',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['config'],
  agents: ['cluster'],
  needs: [{ group: '', resource: 'secrets', verbs: ['get', 'patch'], scope: 'namespace' }],
  params,

  claims: (target) => [claimOf(target)],

  // Makes a certificate, in a process of its own.
  patienceMs: (operation) => (operation === 'prepare' ? 20_000 : 0),

  async prepare(context, target, { expiresInMs, issuer, ownedBy }) {
    const ref = objectOf(target);
    const config = await plannedConfig(context, target, ownedBy);
    const { certificate, ...made } = await reissue(
      context,
      { old: pairOf(config, ref.name), issuer: issuer === null ? null : await issuerOf(context, target, issuer) },
      new Date(Date.now() + expiresInMs),
    );
    const held = holdObject(config, ref, [{ path: ['data', 'tls.crt'], after: btoa(certificate) }]);
    const { before, ...now } = made;
    return { held, signedBy: issuer === null ? 'itself' : `the CA of Secret ${issuer}`, now, before };
  },

  inject: (context, _target, _params, { held }) => changeObject(context, held),

  async verify(context, target, _params, { held, signedBy, now, before }) {
    const { inEffect } = await lookForEffect(context, held);
    return {
      present: inEffect,
      summary: inEffect
        ? `${target.name}: the certificate ends at ${now.notAfter}, not at ${before.notAfter}, and is signed by ${signedBy}`
        : `${target.name}: the certificate is not as the fault makes it`,
      data: { changed: inEffect, signedBy, now, before },
    };
  },

  revert: (context, _target, { held }) => restoreObject(context, held),
  verifyReverted: (context, _target, { held }) => readRestored(context, held),
};

interface Pair {
  readonly name: string;
  readonly certificate: string;
  readonly key: string;
}

async function issuerOf(context: FaultContext, target: TargetRef, name: string): Promise<Pair> {
  const found = await clusterOf(context).get<Config>({ ...objectOf(target), apiVersion: 'v1', resource: 'secrets', name });
  if (found !== null) return pairOf(found, name);
  throw new AppError('target/none', `there is no Secret ${name} beside ${target.service}/${target.name}. Correct issuer`);
}

/** Errors: `policy/denied` for what is no certificate with its key. */
function pairOf({ type, data = {} }: Config, name: string): Pair {
  const { 'tls.crt': certificate, 'tls.key': key } = data;
  if (type === 'kubernetes.io/tls' && certificate !== undefined && key !== undefined) {
    return { name, certificate: atob(certificate), key: atob(key) };
  }
  throw new AppError('policy/denied', `${name} is no Secret of type kubernetes.io/tls with a certificate and its key. Name one`);
}

async function reissue(
  { host }: FaultContext,
  { old, issuer }: { readonly old: Pair; readonly issuer: Pair | null },
  endsAt: Date,
): Promise<z.infer<typeof reissued>> {
  const config = { old: { ...old }, issuer: issuer === null ? null : { ...issuer } };
  const helper = await host.startHelper('certificate-issuer', config);
  try {
    return reissued.parse(await helper.ask({ op: 'reissue', endsAt: wholeSecond(endsAt) }));
  } finally {
    await helper.stop();
  }
}

/** A certificate knows no parts of seconds. */
const wholeSecond = (date: Date): string => new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString();
