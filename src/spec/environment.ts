import { z } from 'zod';
import type { Limits } from '../domain/plan/limits.ts';
import type { ClusterRecords, HostRecords } from '../domain/plan/plan.ts';
import type { TemporalSettings } from '../domain/temporal-settings.ts';
import { positiveDuration } from '../quantities.ts';
import { hostService, path } from './host-services.ts';
import { cluster, kubernetesService, refuseProtected, traffic } from './kubernetes-services.ts';
import type { KubernetesServices, Traffic } from './kubernetes-services.ts';
import { apiVersion, httpUrl, metadata, partName } from './metadata.ts';
import { temporal } from './temporal.ts';

const endpoint = z.strictObject({ url: httpUrl });

const policy = z.strictObject({
  maxPercent: z.number().gt(0).max(100).default(50).describe('above 0, up to 100'),
  maxCount: z.int().min(1).exactOptional().describe('of one service at once, whatever its size'),
  minHealthy: z.int().min(1).default(1).describe('members of a service that stay well, at least 1'),
  maxHold: positiveDuration.default(600),
  allowAll: z.boolean().default(false).describe('true to let experiments that say allowAll: true take every member'),
});
const clusterPolicy = policy.extend({
  maxPerNode: z.int().min(1).exactOptional().describe('of one service, on one node'),
  maxPerZone: z.int().min(1).exactOptional().describe('of one service, in one zone'),
  allowCritical: z
    .boolean()
    .default(false)
    .describe('true to let experiments that say allowCritical: true take pods of tier=critical'),
});
/** What stands in a file that says nothing. */
const usualPolicy = { maxPercent: 50, minHealthy: 1, maxHold: 600, allowAll: false };

const onAnyPlatform = {
  prometheus: endpoint,
  alertmanagers: z.array(endpoint).default([]),
  receiver: endpoint.exactOptional(),
  temporal,
  archive: path,
};

const onHost = z.strictObject({
  platform: z.literal('host'),
  ...onAnyPlatform,
  policy: policy.default(usualPolicy),
  state: path,
  services: z.record(partName, hostService),
});

const onKubernetes = z.strictObject({
  platform: z.literal('kubernetes'),
  ...onAnyPlatform,
  policy: clusterPolicy.default({ ...usualPolicy, allowCritical: false }),
  cluster,
  traffic: traffic.exactOptional(),
  services: z.record(partName, kubernetesService),
});

export const environment = z
  .strictObject({
    apiVersion,
    kind: z.literal('Environment'),
    metadata,
    spec: z.discriminatedUnion('platform', [onHost, onKubernetes.superRefine(refuseProtected)]),
  })
  .transform(({ metadata, spec }): Environment => {
    return {
      kind: 'Environment',
      name: metadata.name,
      prometheusUrl: spec.prometheus.url,
      alertmanagerUrls: spec.alertmanagers.map(({ url }) => url),
      receiverUrl: spec.receiver?.url ?? null,
      temporal: spec.temporal,
      archiveDirectory: spec.archive,
      policy: policyOf(spec.policy),
      ...onPlatform(spec),
    };
  });

function policyOf({ maxHold, ...limits }: z.infer<typeof policy> & Partial<z.infer<typeof clusterPolicy>>): Policy {
  return {
    maxPercent: limits.maxPercent,
    maxCount: limits.maxCount ?? null,
    minHealthy: limits.minHealthy,
    maxPerNode: limits.maxPerNode ?? null,
    maxPerZone: limits.maxPerZone ?? null,
    maxHoldSeconds: maxHold,
    allowAll: limits.allowAll,
    allowCritical: limits.allowCritical ?? false,
  };
}

function onPlatform(spec: z.infer<typeof onHost> | z.infer<typeof onKubernetes>): HostPart | ClusterPart {
  if (spec.platform === 'host') return { platform: spec.platform, stateDirectory: spec.state, services: spec.services };
  const { context, kubeconfig, namespace } = spec.cluster;
  const cluster = { context: context ?? null, kubeconfig: kubeconfig ?? null, namespace };
  return { platform: spec.platform, cluster, traffic: spec.traffic ?? null, services: spec.services };
}

type HostPart = HostRecords & { readonly services: Readonly<Record<string, z.infer<typeof hostService>>> };
type ClusterPart = ClusterRecords & { readonly traffic: Traffic | null; readonly services: KubernetesServices };

/** What an environment allows, whatever an experiment asks for. */
export interface Policy extends Limits {
  readonly maxHoldSeconds: number;
  readonly allowAll: boolean;
  readonly allowCritical: boolean;
}

interface EnvironmentBase {
  readonly kind: 'Environment';
  readonly name: string;
  readonly prometheusUrl: string;
  readonly alertmanagerUrls: readonly string[];
  readonly receiverUrl: string | null;
  readonly temporal: TemporalSettings;
  readonly archiveDirectory: string;
  readonly policy: Policy;
}

/** Paths are as written until `loadEnvironment` makes them absolute. */
export type Environment = EnvironmentBase & (HostPart | ClusterPart);
export type HostEnvironment = EnvironmentBase & HostPart;
export type KubernetesEnvironment = EnvironmentBase & ClusterPart;
