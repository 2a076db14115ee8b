import { parseArgs } from 'node:util';
import { readClusterPolicy } from '../adapters/kubernetes/agent-policy.ts';
import { createKubernetesStore } from '../adapters/kubernetes/injection-store.ts';
import { createKubernetesJournal } from '../adapters/kubernetes/journal.ts';
import type { AgentScope } from '../adapters/kubernetes/record-names.ts';
import { createNodeTools } from '../adapters/node/tools.ts';
import { createAgent } from '../agent/agent.ts';
import { policyOrClosed } from '../agent/closed-policy.ts';
import { nodeAgentsNamespace } from '../domain/plan/protected-namespaces.ts';
import { systemClock } from '../ports/clock.ts';
import { openClusterParts } from './cluster-parts.ts';
import { askedToEnd, untilAsked } from './until-asked.ts';

const usage = 'usage: node-agent --namespace NAMESPACE --run RUN --node NODE --name NAME';

/** The agent of one run on one node, in a pod. */
async function main(): Promise<number> {
  const asked = askedToEnd('SIGTERM', 'SIGINT');
  const { values } = parseArgs({
    options: {
      namespace: { type: 'string' },
      run: { type: 'string' },
      node: { type: 'string' },
      name: { type: 'string' },
    },
  });
  const { namespace, run, node, name } = values;
  if (namespace === undefined || run === undefined || node === undefined || name === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const { api, log, shared } = await openClusterParts('node', name);
  const scope: AgentScope = { agent: 'node', run, node };
  const journalNamespace = nodeAgentsNamespace(namespace);
  const store = createKubernetesStore({ api, namespace, journalNamespace, scope, clock: systemClock });
  const agent = createAgent({
    ...shared,
    store,
    watch: store.watch,
    pollMs: store.pollMs,
    journal: createKubernetesJournal({ api, namespace: journalNamespace, recordsNamespace: namespace, scope }),
    policy: await policyOrClosed(() => readClusterPolicy(api, namespace), log),
    clusterTools: null,
    nodeTools: createNodeTools(node),
  });
  const clean = await untilAsked(agent, asked, () => log.info({ run, node }, 'agent ready'));
  return clean ? 0 : 5;
}

process.exit(await main());
