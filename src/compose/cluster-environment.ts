import { specFiles } from '../adapters/host/spec-files.ts';
import { readConfig } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { loadEnvironment } from '../planning/load-environment.ts';
import type { ConfigName } from '../install/options.ts';
import type { KubeApi } from '../ports/kubernetes.ts';
import type { KubernetesServices } from '../spec/kubernetes-services.ts';
import { openCluster } from './cluster.ts';

/** The cluster of an environment file, for what is done to the cluster as a whole. */
export interface ClusterEnvironment {
  readonly name: string;
  /** Where records and agents are. */
  readonly namespace: string;
  /** Where its services are, in order. */
  readonly serviceNamespaces: readonly string[];
  /** ConfigMaps and Secrets that its services name. */
  readonly configs: readonly ConfigName[];
  readonly api: KubeApi;
}

/** Asks the cluster nothing yet. Errors: `spec/not-found`; `spec/invalid`, also for a host. */
export async function openClusterEnvironment(environmentFile: string | undefined): Promise<ClusterEnvironment> {
  const file = environmentFile ?? readConfig().environmentFile;
  if (file === null) {
    throw new AppError('spec/not-found', 'no environment is named. Give --environment FILE, or set FIREDRILL_ENVIRONMENT');
  }
  const environment = await loadEnvironment(file, specFiles);
  if (environment.platform === 'host') {
    throw new AppError(
      'spec/invalid',
      `${environment.name} is a host, and only clusters have anything installed. Use \`firedrill agent\``,
    );
  }
  const { name, cluster, services } = environment;
  return {
    name,
    namespace: cluster.namespace,
    serviceNamespaces: [...new Set(Object.values(services).map(({ namespace }) => namespace))].sort(),
    configs: [
      ...new Map(
        Object.values(services)
          .flatMap(configsOf)
          .map((each) => [JSON.stringify(each), each]),
      ).values(),
    ],
    api: await openCluster(cluster),
  };
}

function configsOf({ namespace, configs }: KubernetesServices[string]): ConfigName[] {
  return configs.flatMap(({ configMap, secret }) => [
    ...(configMap === undefined ? [] : [{ namespace, resource: 'configmaps' as const, name: configMap }]),
    ...(secret === undefined ? [] : [{ namespace, resource: 'secrets' as const, name: secret }]),
  ]);
}
