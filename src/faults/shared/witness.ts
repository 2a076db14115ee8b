import type { JsonObject } from '../../domain/json.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { KubeObject, ObjectRef } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import type { HostPort } from './addresses.ts';
import { findField } from './field-path.ts';
import { markFor, markLabel } from './held-object.ts';
import { witnessProgram } from './witness-program.ts';

/** The label by which a policy of ours selects: a target, and its witness. */
export const cutLabel = 'firedrill.dev/cut';
const cutPath = ['metadata', 'labels', cutLabel] as const;

/** What is read of a witness. */
interface WitnessPod extends KubeObject {
  readonly status: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly state?: {
        readonly running?: object;
        readonly waiting?: { readonly reason?: string };
        readonly terminated?: object;
      };
    }[];
  };
}

/** A pod of ours beside a target, which measures for it what an agent elsewhere cannot. */
export type Witness = {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Whose pod it goes with, when that is deleted. */
  readonly target: { readonly name: string; readonly uid: string };
  /** New connections are opened to these: one that opens is enough. */
  readonly ends: readonly HostPort[];
};

/** What it says; `problem`: why it says nothing. */
export type Look =
  | { readonly problem: string; readonly isOver: boolean }
  | { readonly problem: null; readonly isCut: boolean; readonly reachesFarEnd: boolean; readonly reachesLifelines: boolean };

/** Errors: `cluster/forbidden`, `upstream/refused` where the namespace takes no such pod. */
export async function startWitness(context: FaultContext, witness: Witness): Promise<void> {
  const cluster = clusterOf(context);
  const deadlineSeconds = context.policy.maxDurationSeconds + marginSeconds;
  await cluster.create(refOf(witness), witnessPod(witness, { image: cluster.image, mark: markFor(context), deadlineSeconds }));
}

/**
 * It says by its readiness what its last look was: so nobody must be able to call it, and no policy about who may is in the way. `by`:
 * how the pod is read, see `ClusterTools`.
 */
export async function askWitness(context: FaultContext, witness: Witness, by: 'get' | 'look' = 'get'): Promise<Look> {
  const pod = await clusterOf(context)[by]<WitnessPod>(refOf(witness));
  const name = sayWitness(witness);
  if (pod === null || !isOurs(context, pod) || pod.metadata.deletionTimestamp !== undefined) {
    return { problem: `${name} is gone`, isOver: true };
  }
  const { phase = 'Pending', reason, message, containerStatuses = [] } = pod.status;
  if (phase === 'Failed' || phase === 'Succeeded' || containerStatuses.some(({ state }) => state?.terminated !== undefined)) {
    return { problem: `${name} has ended (${message ?? reason ?? phase})`, isOver: true };
  }
  const waits = containerStatuses.find(({ state }) => state?.running === undefined);
  if (containerStatuses.length === 0 || waits !== undefined) {
    return { problem: `${name} is ${waits?.state?.waiting?.reason ?? phase}`, isOver: false };
  }
  const isReady = (name: string): boolean => containerStatuses.some((one) => one.name === name && one.ready);
  return {
    problem: null,
    isCut: pod.metadata.labels?.[cutLabel] === markFor(context),
    reachesFarEnd: isReady(farEnd),
    reachesLifelines: isReady(lifelines),
  };
}

/** Puts it under the policy of its injection, or takes it out. Nothing where it is gone. */
export async function putUnderCut(context: FaultContext, witness: Witness, isCut: boolean): Promise<void> {
  const cluster = clusterOf(context);
  const ref = refOf(witness);
  for (;;) {
    const pod = await cluster.get(ref);
    if (pod === null || !isOurs(context, pod)) return;
    const steps = findField(pod, cutPath).set(isCut ? markFor(context) : null, null);
    context.signal.throwIfAborted();
    if (steps.length === 0 || (await cluster.patch(ref, steps)) !== 'conflict') return;
  }
}

export async function endWitness(context: FaultContext, witness: Witness): Promise<void> {
  const cluster = clusterOf(context);
  const ref = refOf(witness);
  const pod = await cluster.get(ref);
  if (pod !== null && isOurs(context, pod)) await cluster.delete(ref, { uid: pod.metadata.uid });
}

/** Whether it is there still. One that its kubelet is ending is not: it changes nothing for anybody. */
export async function isWitnessThere(context: FaultContext, witness: Witness): Promise<boolean> {
  const pod = await clusterOf(context).get(refOf(witness));
  return pod !== null && isOurs(context, pod) && pod.metadata.deletionTimestamp === undefined;
}

/** It ends by itself long after its fault has: only where nobody was left to end it. */
const marginSeconds = 900;

const refOf = ({ namespace, name }: Witness): ObjectRef => ({ apiVersion: 'v1', resource: 'pods', namespace, name });
export const sayEnds = ({ ends }: Witness): string => ends.map(({ host, port }) => `${host}:${port}`).join(', ');
export const sayWitness = ({ namespace, name }: Witness): string => `pod ${namespace}/${name}`;
const isOurs = (context: FaultContext, { metadata }: KubeObject): boolean => metadata.labels?.[markLabel] === markFor(context);

const farEnd = 'far-end';
const lifelines = 'lifelines';

/** As Pod Security's `restricted` wants it: no token, no privilege, nothing of its node. The API server holds us to it, too. */
function witnessPod(
  { namespace, name, node, target, ends }: Witness,
  { image, mark, deadlineSeconds }: { readonly image: string; readonly mark: string; readonly deadlineSeconds: number },
): JsonObject {
  const container = (name: string, looks: JsonObject & { readonly port: number }): JsonObject => ({
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/node', '-e', witnessProgram, JSON.stringify(looks)],
    readinessProbe: { httpGet: { path: '/', port: looks.port }, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 1 },
    resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { cpu: '200m', memory: '96Mi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'firedrill', [markLabel]: mark },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', ...target }],
    },
    spec: {
      // No scheduler: where the target is, whatever that node takes.
      nodeName: node,
      tolerations: [{ operator: 'Exists' }],
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      activeDeadlineSeconds: deadlineSeconds,
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        container(farEnd, { ends: [...ends], lifelines: false, port: 8701 }),
        container(lifelines, { ends: [], lifelines: true, port: 8702 }),
      ],
    },
  };
}
