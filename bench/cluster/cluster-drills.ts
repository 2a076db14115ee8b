import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { KubernetesServices } from '../../src/adapters/kubernetes/services.ts';
import { adminKubeconfig } from '../../lab/kubernetes/layout.ts';
import type { ExperimentSpec } from '../stack/experiments.ts';
import { startOrchestration } from '../stack/orchestration.ts';
import type { Orchestration } from '../stack/orchestration.ts';
import type { UserOptions } from '../stack/users.ts';
import { createParts } from '../stack/parts.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { environmentName } from './installation.ts';

export interface ClusterDrillOptions {
  readonly services: KubernetesServices;
  readonly userUrls: readonly string[];
  readonly users?: UserOptions;
  readonly experiment: ExperimentSpec;
  readonly say: (line: string) => void;
}

/** Real runs against a cluster, by a worker and a Temporal on this machine, as somebody would have them beside a cluster. */
export async function startClusterDrills(
  cluster: BenchCluster,
  { services, experiment, ...rest }: ClusterDrillOptions,
): Promise<Orchestration & AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const parts = started.use(await createParts());
  const environmentFile = join(parts.directory, 'environment.yaml');
  const orchestration = started.use(
    await startOrchestration(parts, {
      ...rest,
      experiment,
      writeEnvironment(ports) {
        const environment = {
          apiVersion: 'firedrill.dev/v1',
          kind: 'Environment',
          metadata: { name: environmentName },
          spec: {
            platform: 'kubernetes',
            cluster: { kubeconfig: adminKubeconfig(), namespace: cluster.agentsNamespace },
            prometheus: { url: `http://127.0.0.1:${ports.prometheus}` },
            temporal: { address: `127.0.0.1:${ports.temporal}`, namespace: 'default' },
            archive: './runs',
            // Every caller may be hit: nobody but the bench uses them.
            policy: { maxPercent: 100, minHealthy: 1 },
            services,
          },
        };
        writeFileSync(environmentFile, stringify(environment));
        return environmentFile;
      },
    }),
  );
  const everything = started.move();
  return { ...orchestration, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
