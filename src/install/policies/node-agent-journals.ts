import { accountName, admissionPolicy } from '../admission-policy.ts';
import { names } from '../names.ts';
import type { Manifest } from '../options.ts';
import { isBound, ofToken } from './node-of-token.ts';

export function nodeAgentKeepsJournals(namespace: string, nodesNamespace: string): readonly Manifest[] {
  const nodeOf = (object: string): string => `${object}.metadata.?annotations[?"firedrill.dev/node"].orValue("no node")`;
  return admissionPolicy(`${namespace}-node-agent-journals`, {
    of: { namespaces: [nodesNamespace] },
    resources: [{ group: '', resources: ['secrets'], operations: ['CREATE', 'UPDATE', 'DELETE'] }],
    user: accountName(names.nodeAgent, nodesNamespace),
    variables: {
      node: ofToken('node-name'),
      before: `request.operation == "CREATE" ? variables.node : ${nodeOf('oldObject')}`,
      after: `request.operation == "DELETE" ? variables.node : ${nodeOf('object')}`,
    },
    demands: [
      isBound,
      {
        expression: 'variables.before == variables.node && variables.after == variables.node',
        messageExpression:
          '"the agent of node " + variables.node + " keeps the journals of its own node: " + request.name + " is of " +\n' +
          '  (variables.before == variables.node ? variables.after : variables.before)',
      },
      {
        expression:
          'request.operation == "DELETE" || (object.type == "firedrill.dev/journal" && request.name.startsWith("journal-"))',
        message: 'a node agent keeps journals, and no other Secret',
      },
    ],
  });
}
