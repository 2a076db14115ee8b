import { AppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeApi, KubeObject } from '../../ports/kubernetes.ts';
import type { NodeAgentPod, NodeAgentPods, NodeAgentRef } from '../../ports/node-agents.ts';
import { journalSelector } from './journal.ts';
import { problemOfPod } from './pod-problem.ts';
import type { PodStatus } from './pod-problem.ts';
import { keys, labelValue, recordResources, scopeLabels, selectorOf, sha256 } from './record-names.ts';
import { conditionOf } from './targets/objects.ts';
import type { Node } from './targets/objects.ts';
import { createWatched } from './watched.ts';

/** How long after what it is needed for the cluster ends a pod that nobody took away. */
const overtimeMs = 10 * 60_000;

export interface NodeAgentPodsOptions {
  readonly api: KubeApi;
  /** Where they run, and their journals are. */
  readonly namespace: string;
  readonly clock: Clock;
  /** The pod of an agent: its labels tell whose it is. */
  readonly podOf: (pod: {
    readonly name: string;
    readonly run: string;
    readonly node: string;
    readonly activeDeadlineSeconds: number;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }) => JsonObject;
  /** Once aborted, nothing more is asked. */
  readonly signal: AbortSignal;
}

export function createNodeAgentPods({ api, namespace, clock, podOf, signal }: NodeAgentPodsOptions): NodeAgentPods {
  const pods = { group: '', version: 'v1', resource: 'pods', namespace } as const;
  const { secrets } = recordResources(namespace);
  const watched = createWatched(api, pods, {
    quietMs: 5_000,
    clock,
    labelSelector: selectorOf({ [keys.agent]: 'node' }),
  });
  signal.addEventListener('abort', () => watched.close(), { once: true });

  return {
    list: async () => [...(await watched.read()).values()].map(podFrom).filter((pod) => pod !== null),
    onChange: (listener) => watched.onChange(listener),
    async create(agent, untilMs) {
      signal.throwIfAborted();
      const name = `node-agent-${sha256(`${labelValue(agent.runId)}/${agent.node}`).slice(0, 12)}`;
      const pod = podOf({
        name,
        run: agent.runId,
        node: agent.node,
        activeDeadlineSeconds: Math.ceil((Math.max(untilMs - clock.now(), 0) + overtimeMs) / 1000),
        labels: scopeLabels({ agent: 'node', run: agent.runId, node: agent.node }),
        annotations: { [keys.node]: agent.node, [keys.run]: agent.runId },
      });
      const answer = await api.create(pods, pod, { signal });
      if (answer.ok || answer.reason === 'AlreadyExists') return;
      throw new AppError('upstream/refused', `the agent of node ${agent.node} was not made: ${answer.message}`);
    },
    async remove({ name, uid }) {
      signal.throwIfAborted();
      await api.delete(pods, name, { uid, signal });
    },
    async stateOf(node) {
      const found = await api.get<Node>({ group: '', version: 'v1', resource: 'nodes' }, node, { signal });
      if (found === null) return 'gone';
      if (found.spec.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service') === true) return 'gone';
      return conditionOf(found, 'Ready')?.status === 'True' ? 'ready' : 'not-ready';
    },
    async leftBehind() {
      const { items } = await api.list(secrets, { labelSelector: journalSelector, metadataOnly: true, signal });
      return items.map(({ metadata: { labels, annotations } }) => refOf(labels, annotations)).filter((ref) => ref !== null);
    },
  };
}

function podFrom({ metadata, status }: KubeObject): NodeAgentPod | null {
  const ref = refOf(metadata.labels, metadata.annotations);
  if (ref === null) return null;
  return {
    ...ref,
    name: metadata.name,
    uid: metadata.uid ?? '',
    ending: metadata.deletionTimestamp !== undefined,
    ready:
      (status as PodStatus | undefined)?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true,
    ...problemOfPod((status ?? {}) as PodStatus),
  };
}

/** Labels may be shortened; annotations are not. */
function refOf(
  labels: KubeObject['metadata']['labels'],
  annotations: KubeObject['metadata']['annotations'],
): NodeAgentRef | null {
  const runId = annotations?.[keys.run] ?? labels?.[keys.run];
  const node = annotations?.[keys.node] ?? labels?.[keys.node];
  return runId === undefined || node === undefined ? null : { runId, node };
}
