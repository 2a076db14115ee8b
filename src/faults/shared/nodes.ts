import { AppError } from '../../domain/errors.ts';
import { isExcluded } from '../../domain/plan/exclusion.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { KubeObject, ObjectRef } from '../cluster-tools.ts';
import type { Evidence, FaultContext } from '../fault.ts';
import { excluded } from './exclusion.ts';
import { holdObject, lookAt, restoredData, sayRestored } from './held-object.ts';
import type { HeldObject } from './held-object.ts';
import type { FieldPath } from './field-path.ts';

/** What the faults read of a node. */
export interface Node extends KubeObject {
  readonly spec: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
}

export const unschedulable: FieldPath = ['spec', 'unschedulable'];

export function nodeRef(name: string): ObjectRef {
  return { apiVersion: 'v1', resource: 'nodes', namespace: null, name };
}

/** The node of the plan. Errors: `target/none`; `policy/denied` when it is excluded. */
export async function plannedNode(context: FaultContext, { name, uid }: TargetRef): Promise<Node> {
  const node = await clusterOf(context).get<Node>(nodeRef(name));
  if (node?.metadata.uid === uid) {
    if (isExcluded(node)) throw excluded(`node ${name}`);
    return node;
  }
  throw new AppError('target/none', `node ${name} is ${node === null ? 'gone' : 'another one by now'}. Plan again`);
}

/** Errors: `target/none` when somebody has cordoned it already: then it is not ours to uncordon. */
export function holdCordon(node: Node): HeldObject {
  return holdObject(node, nodeRef(node.metadata.name), [{ path: unschedulable, after: true }]);
}

/** The cluster's own answer to a cordon, or to its end: what keeps new pods away. */
export function keepsPodsAway({ spec }: Node): boolean {
  return spec.taints?.some(({ key }) => key === 'node.kubernetes.io/unschedulable') ?? false;
}

/** Present until our mark is gone and, where nobody else cordoned it since, the scheduler may use it again. */
export async function readUncordoned(context: FaultContext, held: HeldObject): Promise<Evidence> {
  const state = await lookAt(context, held);
  const node = state.object as Node | null;
  const lingers = node !== null && node.spec.unschedulable !== true && keepsPodsAway(node);
  return {
    present: state.marked || lingers,
    summary: `node ${held.ref.name} ${lingers ? 'is uncordoned, and not yet for the scheduler' : sayRestored(state)}`,
    data: restoredData(state),
  };
}
