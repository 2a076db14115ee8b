import { AppError } from '../../src/domain/errors.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { KubernetesServices } from '../../src/adapters/kubernetes/services.ts';
import type { KubeObject, KubeResource } from '../../src/ports/kubernetes.ts';
import { imageReference } from '../../lab/kubernetes/image-builder/recipe.ts';
import { topology } from '../../lab/kubernetes/topology.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { callerProgram } from './caller-program.ts';

/** Pods that call a service, in an order that stays, with the address each answers at from outside. */
export interface Callers {
  /** For an environment file. */
  readonly services: KubernetesServices;
  /** The link of each to what it calls. */
  readonly links: readonly TargetRef[];
  /** The URL of the pod that a link is of. */
  urlOf(link: TargetRef): string;
}

export const callersService = 'callers';
export const callee = 'callee';

/** Starts callers, evenly over the three workers or all on one node, and the one pod that they call, on the first worker. */
export async function startCallers(
  cluster: BenchCluster,
  { count, node = null }: { readonly count: number; readonly node?: string | null },
): Promise<Callers> {
  const { api, namespace } = cluster;
  const create = async (resource: Omit<KubeResource, 'namespace'>, object: object): Promise<void> => {
    const made = await api.create({ ...resource, namespace }, object);
    if (!made.ok) throw new AppError('upstream/refused', `${resource.resource} for the bench were not made: ${made.message}`);
  };
  // First: pods are told the addresses of the services that are there when they start.
  await create(
    { group: '', version: 'v1', resource: 'services' },
    {
      metadata: { name: callee },
      spec: {
        selector: { app: callee },
        ports: [
          { name: 'http', port: 80, targetPort: 8080 },
          { name: 'echo', port: 9000, targetPort: 9000 },
        ],
      },
    },
  );
  const apps = { group: 'apps', version: 'v1', resource: 'deployments' };
  await create(apps, deployment(callee, 1, topology.workers[0].name));
  await create(apps, deployment(callersService, count, node));
  const links = [{ name: callee, to: callee, service: callee }];
  const services = {
    [callersService]: {
      namespace,
      workload: `deployment/${callersService}`,
      port: 8080,
      links,
      volumes: [],
      configs: [],
      postgres: [],
      redis: [],
    },
  };
  await cluster.targets(
    { [callee]: { ...services[callersService]!, workload: `deployment/${callee}`, links: [] } },
    { kind: 'member', service: callee },
    1,
  );
  const found = await cluster.targets(services, { kind: 'link', service: callersService, to: callee }, count);
  const addresses = new Map<string, string>();
  for (const { uid, locator } of found) {
    const pod = await api.get<PodObject>({ group: '', version: 'v1', resource: 'pods', namespace }, String(locator['pod']));
    addresses.set(uid, `http://${pod?.status.podIP}:8080`);
  }
  return { services, links: found, urlOf: ({ uid }) => addresses.get(uid) ?? '' };
}

interface PodObject extends KubeObject {
  readonly status: { readonly podIP?: string };
}

function deployment(name: string, replicas: number, nodeName: string | null): object {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          ...(nodeName === null
            ? {
                topologySpreadConstraints: [
                  {
                    maxSkew: 1,
                    topologyKey: 'kubernetes.io/hostname',
                    whenUnsatisfiable: 'DoNotSchedule',
                    labelSelector: { matchLabels: labels },
                    nodeTaintsPolicy: 'Honor',
                  },
                ],
              }
            : { nodeName, tolerations: [{ operator: 'Exists' }] }),
          containers: [
            {
              name,
              image: imageReference('app'),
              imagePullPolicy: 'IfNotPresent',
              command: ['node', '-e', callerProgram],
              readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 1, timeoutSeconds: 5 },
            },
          ],
        },
      },
    },
  };
}
