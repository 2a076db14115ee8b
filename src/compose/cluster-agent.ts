import { parseArgs } from 'node:util';
import { helpersOfRunner, runnerAnswers } from '../adapters/helpers/runner-connection.ts';
import { readClusterPolicy } from '../adapters/kubernetes/agent-policy.ts';
import { createClusterTools } from '../adapters/kubernetes/cluster-tools.ts';
import { createKubernetesStore } from '../adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../adapters/kubernetes/injection-store.ts';
import { createKubernetesJournal, forestallJournal } from '../adapters/kubernetes/journal.ts';
import { winLeadership } from '../adapters/kubernetes/leader-lease.ts';
import type { Term } from '../adapters/kubernetes/leader-lease.ts';
import { recordResources } from '../adapters/kubernetes/record-names.ts';
import type { AgentScope } from '../adapters/kubernetes/record-names.ts';
import { createNodeAgentPods } from '../adapters/kubernetes/node-agent-pods.ts';
import { objectionToTarget } from '../adapters/kubernetes/target-objection.ts';
import { whileLeading } from '../adapters/kubernetes/term-api.ts';
import { endWatches, narrowed, watchRecords } from '../adapters/kubernetes/watched-records.ts';
import { admit } from '../agent/admission.ts';
import { createAgent } from '../agent/agent.ts';
import { policyOrClosed } from '../agent/closed-policy.ts';
import { keepNodeAgents } from '../agent/node-agents.ts';
import { readConfig } from '../config.ts';
import { nodeAgentsNamespace } from '../domain/plan/protected-namespaces.ts';
import type { AgentPolicy } from '../faults/fault.ts';
import { apiNeeds, faultByName, faults } from '../faults/index.ts';
import { names } from '../install/names.ts';
import { nodeAgentPod } from '../install/node-agent-pod.ts';
import { systemClock } from '../ports/clock.ts';
import { version } from '../version.ts';
import { openClusterParts } from './cluster-parts.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { askedToEnd, untilAskedOrLost } from './until-asked.ts';

const usage =
  'usage: cluster-agent --namespace NAMESPACE --runner SOCKET --image IMAGE [--node-agent-image IMAGE [--node-agent-pull-secret NAME]]';
const scope: AgentScope = { agent: 'cluster' };

interface NodeAgentImage {
  readonly image: string;
  readonly pullSecret: string | null;
}

interface NodesOfCluster {
  readonly namespace: string;
  readonly policy: AgentPolicy;
  /** Of every node's injections. */
  readonly store: KubernetesStore;
}

interface Options {
  readonly namespace: string;
  /** Its own, for pods of ours beside targets. */
  readonly image: string;
  /** null: no agents of nodes. */
  readonly nodeAgent: NodeAgentImage | null;
}

/** The agent of the cluster's API. Of its replicas one leads, and the others wait. */
async function main(): Promise<number> {
  const asked = askedToEnd('SIGTERM', 'SIGINT');
  const { values } = parseArgs({
    options: {
      namespace: { type: 'string' },
      runner: { type: 'string' },
      image: { type: 'string' },
      'node-agent-image': { type: 'string' },
      'node-agent-pull-secret': { type: 'string' },
    },
  });
  const { namespace, runner, image, 'node-agent-image': nodeAgentImage, 'node-agent-pull-secret': pullSecret = null } = values;
  if (namespace === undefined || runner === undefined || image === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const nodeAgent = nodeAgentImage === undefined ? null : { image: nodeAgentImage, pullSecret };
  const options: Options = { namespace, image, nodeAgent };
  const parts = await openClusterParts('cluster', 'cluster', helpersOfRunner(runner));
  const { api, log } = parts;
  const holder = readConfig().podName;
  // Some faults can be taken back by way of a runner only: the replica that has one leads.
  const fit = (): Promise<boolean> => runnerAnswers(runner);
  const term = await winLeadership({ api, namespace, name: names.leaderLease, holder, clock: systemClock, log, fit }, asked);
  return term === null || (await lead(term, options, parts, asked)) ? 0 : 5;
}

/** Resolves when it was asked to end, or leads no longer; false: it left something, which another takes up. */
async function lead(
  term: Term,
  { namespace, image, nodeAgent }: Options,
  parts: ClusterParts,
  asked: AbortSignal,
): Promise<boolean> {
  const { log, metrics, shared } = parts;
  const api = whileLeading(parts.api, term);
  // Two stores look at the same objects: the agent's own, and everybody's, by which it looks after nodes and tells figures.
  const watched = watchRecords({ api, namespace, scope: nodeAgent === null ? scope : null, clock: systemClock });
  const of = { api, namespace, clock: systemClock };
  const store = createKubernetesStore({ ...of, journalNamespace: namespace, scope, watched: narrowed(watched, scope) });
  const policy = await policyOrClosed(() => readClusterPolicy(api, namespace), log);
  const agent = createAgent({
    ...shared,
    store,
    watch: store.watch,
    pollMs: store.pollMs,
    journal: createKubernetesJournal({ api, namespace, recordsNamespace: namespace, scope }),
    policy,
    clusterTools: createClusterTools(api, { signal: term.lost, needs: apiNeeds, clock: systemClock, image }),
    nodeTools: null,
  });
  const nodesNamespace = nodeAgentsNamespace(namespace);
  const everything =
    nodeAgent === null ? store : createKubernetesStore({ ...of, journalNamespace: nodesNamespace, scope: null, watched });
  metrics.leads(everything);
  const looking =
    nodeAgent === null ? null : lookAfterNodes(term, { namespace, policy, store: everything, ...nodeAgent }, { ...parts, api });
  const clean = await untilAskedOrLost(agent, term, asked, () => log.info({ namespace }, 'leads'));
  if (clean === null) {
    log.warn({}, 'leads no longer: another takes up what this one held');
    return false;
  }
  await looking;
  endWatches(watched);
  return clean;
}

/** Makes and ends the agents of nodes, as long as this process leads. */
async function lookAfterNodes(
  { lost }: Term,
  { namespace, policy, store, image, pullSecret }: NodeAgentImage & NodesOfCluster,
  { api, log, shared: { name } }: ClusterParts,
): Promise<void> {
  const nodesNamespace = nodeAgentsNamespace(namespace);
  await keepNodeAgents(
    {
      store,
      watch: store.watch,
      journal: createKubernetesJournal({ api, namespace: nodesNamespace, recordsNamespace: namespace, scope }),
      pods: createNodeAgentPods({
        api,
        namespace: nodesNamespace,
        clock: systemClock,
        signal: lost,
        podOf: (pod) => nodeAgentPod({ ...pod, namespace, nodesNamespace, image, pullSecret }),
      }),
      forestall: (spec) => forestallJournal(api, recordResources(nodesNamespace).secrets, spec),
      async objectionTo(spec) {
        const admission = admit(spec, { faults, policy, clock: systemClock, kind: 'node' });
        return admission.admitted ? objectionToTarget(api, spec.target, { inPod: true }) : admission.error;
      },
      lifetimeOf: (fault) => faultByName(fault)?.lifetime ?? null,
      clock: systemClock,
      log,
      agent: { name, version },
    },
    lost,
  );
}

process.exit(await main());
