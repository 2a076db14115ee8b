import type { ClusterTools, KubeObject, ObjectRef } from '../cluster-tools.ts';

/** What the faults read of a HorizontalPodAutoscaler. */
export interface Autoscaler extends KubeObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly maxReplicas: number;
  };
  readonly status?: { readonly currentReplicas?: number; readonly desiredReplicas?: number };
}

const kinds: Readonly<Record<string, string>> = { deployments: 'Deployment', statefulsets: 'StatefulSet' };

/** The one that scales a workload; null when nothing does. */
export async function autoscalerOf(
  cluster: ClusterTools,
  { resource, namespace, name }: ObjectRef,
): Promise<{ readonly object: Autoscaler; readonly ref: ObjectRef } | null> {
  const of = { apiVersion: 'autoscaling/v2', resource: 'horizontalpodautoscalers', namespace };
  const found = (await cluster.list<Autoscaler>(of)).find(
    ({ spec: { scaleTargetRef } }) => scaleTargetRef.kind === kinds[resource] && scaleTargetRef.name === name,
  );
  return found === undefined ? null : { object: found, ref: { ...of, name: found.metadata.name } };
}
