import { confirmationsPolicy } from './confirmations.ts';
import type { InstallOptions, Manifest } from './options.ts';
import { nodeAgentAnswers } from './policies/node-agent-answers.ts';
import { nodeAgentKeepsJournals } from './policies/node-agent-journals.ts';
import { onlyNodeAgents } from './policies/only-node-agents.ts';
import { onlyWitnesses } from './policies/only-witnesses.ts';
import { revertsKeepWhatTheyNeed } from './policies/reverts-keep.ts';
import { workerAsks } from './policies/worker-asks.ts';

/** What tokens may do beyond what roles can say: roles know no nodes, and no contents of an object. */
export function admissionPolicies(options: InstallOptions, nodesNamespace: string): readonly Manifest[] {
  return [
    ...workerAsks(options),
    ...confirmationsPolicy(options.namespace),
    ...revertsKeepWhatTheyNeed(options.namespace),
    ...onlyWitnesses(options, nodesNamespace),
    ...(options.apiFaultsOnly
      ? []
      : [
          ...nodeAgentAnswers(options.namespace, nodesNamespace),
          ...nodeAgentKeepsJournals(options.namespace, nodesNamespace),
          ...onlyNodeAgents(options, nodesNamespace),
        ]),
  ];
}
