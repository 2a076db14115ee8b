import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { isExcludedWorkload } from '../../domain/plan/exclusion.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { ClusterTools, KubeObject, ObjectRef } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import { excluded } from './exclusion.ts';
import { selectorText } from './label-selector.ts';
import type { LabelSelector } from './label-selector.ts';
import { locate } from './locator.ts';
import type { Pod } from './pods.ts';

/** What the faults read of a Deployment, a StatefulSet or a DaemonSet. */
export interface Workload extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly selector?: LabelSelector };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

const locator = z.object({ namespace: z.string(), apiVersion: z.string(), resource: z.string(), name: z.string() });

/** The object that a workload or a config is. */
export function objectOf(target: TargetRef): ObjectRef & { readonly namespace: string } {
  const { namespace, apiVersion, resource, name } = locate(locator, target);
  return { namespace, apiVersion, resource, name };
}

/** The object of the plan. Errors: `target/none`; `policy/denied` when it is excluded. */
export async function plannedObject<T extends KubeObject>(context: FaultContext, target: TargetRef): Promise<T> {
  const found = await clusterOf(context).get<T>(objectOf(target));
  if (found?.metadata.uid === target.uid) {
    if (isExcludedWorkload(found)) throw excluded(`${target.kind} ${target.service}/${target.name}`);
    return found;
  }
  throw new AppError(
    'target/none',
    `${target.kind} ${target.service}/${target.name} is ${found === null ? 'gone' : 'another one by now'}. Plan again`,
  );
}

/** Errors: `policy/denied` for a workload of another kind. */
export function refuseOtherThan(kinds: readonly string[], target: TargetRef, why: string): void {
  const { resource } = objectOf(target);
  if (kinds.includes(resource)) return;
  throw new AppError('policy/denied', `${target.service}/${target.name} is one of ${resource}: ${why}`);
}

/** The controller has seen the object as it is now. */
export function isObserved({ metadata, status }: Workload): boolean {
  const { generation } = metadata as { readonly generation?: number };
  return (status.observedGeneration ?? 0) >= (generation ?? 0);
}

/** Every pod that a workload's selector takes. */
export async function podsOfWorkload(cluster: ClusterTools, { metadata, spec }: Workload): Promise<readonly Pod[]> {
  const { namespace = '' } = metadata;
  return cluster.list<Pod>(
    { apiVersion: 'v1', resource: 'pods', namespace },
    { labelSelector: selectorText(spec.selector ?? {}) },
  );
}
