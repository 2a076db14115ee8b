import { accountName, admissionPolicy } from '../admission-policy.ts';
import { names } from '../names.ts';
import type { Manifest } from '../options.ts';
import { isBound, ofToken } from './node-of-token.ts';

/** As `labelValue` (adapters/kubernetes/record-names.ts) shortens; what tells two long names apart is within what is kept. */
const labelled =
  '(variables.node.size() > 63 ? string(variables.label).startsWith(variables.node.substring(0, 46) + "-") :\n' +
  '  variables.label == variables.node)';
const labelOf = (object: string): string => `${object}.metadata.?labels[?"firedrill.dev/node"].orValue("none")`;

/** An agent answers for what is on its own node. It makes no record, but for one that was taken away, to say how that ended. */
export function nodeAgentAnswers(namespace: string, nodesNamespace: string): readonly Manifest[] {
  const user = accountName(names.nodeAgent, nodesNamespace);
  const record = 'request.operation == "CREATE" ? object : oldObject';
  return [
    ...admissionPolicy(`${namespace}-node-agent-records`, {
      of: { namespaces: [namespace] },
      resources: [
        { group: 'firedrill.dev', resources: ['injections', 'injections/status'], operations: ['CREATE', 'UPDATE', 'DELETE'] },
      ],
      user,
      variables: {
        node: ofToken('node-name'),
        record,
        label: labelOf('variables.record'),
        ofNode:
          '!has(variables.record.spec) ? variables.label :\n' +
          '  variables.record.spec.?agent.orValue("") != "node" ? "the cluster" :\n' +
          '  variables.record.spec.target.?locator.?node.orValue("none")',
      },
      demands: [
        isBound,
        {
          expression: `has(variables.record.spec) ? variables.ofNode == variables.node : ${labelled}`,
          messageExpression:
            '"the agent of node " + variables.node + " answers for its own node: injection " + request.name + " is of " + string(variables.ofNode)',
        },
        {
          expression: 'request.operation != "CREATE" || !has(object.spec)',
          message: 'a node agent asks for no injection',
        },
        {
          expression:
            'request.operation != "UPDATE" ||\n' +
            '  object.metadata.?labels.orValue({}) == oldObject.metadata.?labels.orValue({})',
          message: 'a node agent changes no label of an injection: they say whose it is',
        },
      ],
    }),
    ...admissionPolicy(`${namespace}-node-agent-leases`, {
      of: { namespaces: [namespace] },
      resources: [{ group: 'coordination.k8s.io', resources: ['leases'], operations: ['CREATE', 'UPDATE', 'DELETE'] }],
      user,
      variables: { node: ofToken('node-name'), pod: ofToken('pod-name') },
      demands: [
        isBound,
        {
          expression: 'request.name.startsWith("claim-") || request.name == "agent-" + variables.pod',
          messageExpression:
            '"the agent in pod " + variables.pod + " holds claims and its own heartbeat, and no lease " + request.name',
        },
      ],
    }),
  ];
}
