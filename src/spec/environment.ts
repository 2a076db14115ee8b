import { z } from 'zod';
import type { ClusterRecords, HostRecords } from '../domain/plan/plan.ts';
import { positiveDuration } from '../quantities.ts';
import { address, hostService, path } from './host-services.ts';
import { cluster, kubernetesService } from './kubernetes-services.ts';
import type { KubernetesServices } from './kubernetes-services.ts';
import { apiVersion, httpUrl, metadata, partName } from './metadata.ts';

const endpoint = z.strictObject({ url: httpUrl });

const onAnyPlatform = {
  prometheus: endpoint,
  alertmanagers: z.array(endpoint).default([]),
  receiver: endpoint.exactOptional(),
  temporal: z.strictObject({ address, namespace: z.string().min(1).default('default') }),
  archive: path,
  policy: z
    .strictObject({
      maxPercent: z.number().gt(0).max(100).default(50).describe('above 0, up to 100'),
      maxHold: positiveDuration.default(600),
      allowAll: z.boolean().default(false).describe('true to let experiments that say allowAll: true take every member'),
    })
    .default({ maxPercent: 50, maxHold: 600, allowAll: false }),
};

const onHost = z.strictObject({
  platform: z.literal('host'),
  ...onAnyPlatform,
  state: path,
  services: z.record(partName, hostService),
});

const onKubernetes = z.strictObject({
  platform: z.literal('kubernetes'),
  ...onAnyPlatform,
  cluster,
  services: z.record(partName, kubernetesService),
});

export const environment = z
  .strictObject({
    apiVersion,
    kind: z.literal('Environment'),
    metadata,
    spec: z.discriminatedUnion('platform', [onHost, onKubernetes]),
  })
  .transform(({ metadata, spec }): Environment => {
    const { maxPercent, maxHold, allowAll } = spec.policy;
    return {
      kind: 'Environment',
      name: metadata.name,
      prometheusUrl: spec.prometheus.url,
      alertmanagerUrls: spec.alertmanagers.map(({ url }) => url),
      receiverUrl: spec.receiver?.url ?? null,
      temporal: spec.temporal,
      archiveDirectory: spec.archive,
      policy: { maxPercent, maxHoldSeconds: maxHold, allowAll },
      ...onPlatform(spec),
    };
  });

function onPlatform(spec: z.infer<typeof onHost> | z.infer<typeof onKubernetes>): HostPart | ClusterPart {
  if (spec.platform === 'host') return { platform: spec.platform, stateDirectory: spec.state, services: spec.services };
  const { context, kubeconfig, namespace } = spec.cluster;
  const cluster = { context: context ?? null, kubeconfig: kubeconfig ?? null, namespace };
  return { platform: spec.platform, cluster, services: spec.services };
}

type HostPart = HostRecords & { readonly services: Readonly<Record<string, z.infer<typeof hostService>>> };
type ClusterPart = ClusterRecords & { readonly services: KubernetesServices };

interface EnvironmentBase {
  readonly kind: 'Environment';
  readonly name: string;
  readonly prometheusUrl: string;
  readonly alertmanagerUrls: readonly string[];
  readonly receiverUrl: string | null;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly archiveDirectory: string;
  readonly policy: { readonly maxPercent: number; readonly maxHoldSeconds: number; readonly allowAll: boolean };
}

/** Paths are as written until `loadEnvironment` makes them absolute. */
export type Environment = EnvironmentBase & (HostPart | ClusterPart);
export type HostEnvironment = EnvironmentBase & HostPart;
export type KubernetesEnvironment = EnvironmentBase & ClusterPart;
