import { accountName, admissionPolicy } from '../admission-policy.ts';
import { names } from '../names.ts';
import type { InstallOptions, Manifest } from '../options.ts';

/** The same that agents refuse, whoever asks: here the API server refuses it too, before anything is written. */
export function workerAsks({ namespace, namespaces, nodes }: InstallOptions): readonly Manifest[] {
  return admissionPolicy(`${namespace}-worker`, {
    of: { namespaces: [namespace] },
    resources: [{ group: 'firedrill.dev', resources: ['injections'], operations: ['CREATE'] }],
    user: accountName(names.worker, namespace),
    variables: {
      target: 'object.spec.target',
      where: 'variables.target.?locator.?namespace.orValue("no namespace")',
    },
    demands: [
      {
        expression: `variables.target.kind == "node" || variables.where in ${JSON.stringify(namespaces)}`,
        messageExpression: '"the worker may ask for nothing in " + string(variables.where) + ": it is not among allowNamespaces"',
      },
      {
        expression:
          `variables.target.kind != "node" || ${JSON.stringify(nodes)}.exists(allowed,\n` +
          '  variables.target.name == allowed ||\n' +
          '  (allowed.endsWith("*") && variables.target.name.startsWith(allowed.substring(0, allowed.size() - 1))))',
        messageExpression: '"the worker may ask for nothing on node " + variables.target.name + ": it is not among allowNodes"',
      },
    ],
  });
}
