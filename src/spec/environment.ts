import { z } from 'zod';
import { apiVersion, httpUrl, metadata, partName } from './metadata.ts';
import { positiveDuration } from '../quantities.ts';

const path = z.string().min(1).describe('a path, relative to this file');
const address = z
  .string()
  .regex(/^[^\s:]+:\d{1,5}$/)
  .describe('HOST:PORT, such as 127.0.0.1:7001');
const endpoint = z.strictObject({ url: httpUrl });

const process = z.strictObject({ name: partName, pidFile: path, url: httpUrl.exactOptional() });
/** The caller calls a relay that always runs. */
const relayLink = z.strictObject({ name: partName, to: partName, listen: address, control: path });
/** The caller calls the far end itself; an agent that is root turns its packets while a fault lasts. */
const redirectedLink = z.strictObject({
  name: partName,
  to: partName,
  addresses: z
    .array(
      z
        .string()
        .regex(/^(\d{1,3}\.){3}\d{1,3}:\d{1,5}$/)
        .describe('IPv4:PORT, such as 127.0.0.1:5432'),
    )
    .min(1),
  caller: z
    .union([
      z.strictObject({
        cgroup: z
          .string()
          .regex(/^[\w.@:/-]+$/)
          .describe('such as system.slice/payments-api.service'),
      }),
      z.strictObject({
        user: z
          .string()
          .regex(/^[\w.-]+$/)
          .describe('a user of its own, such as payments'),
      }),
      z.literal('anyone'),
    ])
    .describe('whose connections are redirected: { cgroup }, { user }, or anyone'),
});
const link = z.union([relayLink, redirectedLink]);
const volume = z.strictObject({ name: partName, path });
const postgres = z.strictObject({
  name: partName,
  connection: z
    .string()
    .regex(/^(file:.+|env:[A-Za-z_]\w*)$/)
    .describe('a reference, file:PATH or env:NAME, never the connection itself'),
});

const service = z.strictObject({
  processes: z.array(process).default([]),
  links: z.array(link).default([]),
  volumes: z.array(volume).default([]),
  postgres: z.array(postgres).default([]),
});

export const environment = z
  .strictObject({
    apiVersion,
    kind: z.literal('Environment'),
    metadata,
    spec: z.strictObject({
      platform: z.enum(['host']),
      prometheus: endpoint,
      alertmanagers: z.array(endpoint).default([]),
      receiver: endpoint.exactOptional(),
      temporal: z.strictObject({ address, namespace: z.string().min(1).default('default') }),
      state: path,
      archive: path,
      policy: z
        .strictObject({
          maxPercent: z.number().gt(0).max(100).default(50).describe('above 0, up to 100'),
          maxHold: positiveDuration.default(600),
          allowAll: z.boolean().default(false).describe('true to let experiments that say allowAll: true take every member'),
        })
        .default({ maxPercent: 50, maxHold: 600, allowAll: false }),
      services: z.record(partName, service),
    }),
  })
  .transform(({ metadata, spec }) => ({
    kind: 'Environment' as const,
    name: metadata.name,
    platform: spec.platform,
    prometheusUrl: spec.prometheus.url,
    alertmanagerUrls: spec.alertmanagers.map(({ url }) => url),
    receiverUrl: spec.receiver?.url ?? null,
    temporal: spec.temporal,
    stateDirectory: spec.state,
    archiveDirectory: spec.archive,
    policy: { maxPercent: spec.policy.maxPercent, maxHoldSeconds: spec.policy.maxHold, allowAll: spec.policy.allowAll },
    services: spec.services,
  }));

/** Paths are as written until `loadEnvironment` makes them absolute. */
export type Environment = z.infer<typeof environment>;
