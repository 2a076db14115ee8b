import { admissionPolicy } from './admission-policy.ts';
import { partOf } from './names.ts';
import type { Manifest } from './options.ts';
import { rule } from './rbac.ts';

const group = 'firedrill.dev';
/** No such subresource is served: it is what a role names, and the policy asks for. */
const right = { resource: 'confirmations', verb: 'create' } as const;
const annotations = [`${group}/confirmed-injected`, `${group}/confirmed-reverted`];

export function confirmerRole(namespace: string): string {
  return `${namespace}-confirmer`;
}

/**
 * The role of people who do by hand what a fault asks. Nobody has it: it is as good as saying that a fault is gone, and is bound by
 * name.
 */
export function confirmerRights(namespace: string): readonly Manifest[] {
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: confirmerRole(namespace), namespace, labels: partOf },
      rules: [
        rule(group, ['injections'], ['get', 'list', 'patch', 'watch']),
        rule(group, [`injections/${right.resource}`], [right.verb]),
      ],
    },
  ];
}

const valuesIn = (object: string): string =>
  `[${annotations.map((key) => `string(${object}.metadata.?annotations[?"${key}"].orValue(""))`).join(', ')}]`;
const own = JSON.stringify(annotations);
const may = (verb: string, subresource?: string): string =>
  `authorizer.group("${group}").resource("injections")${subresource === undefined ? '' : `.subresource("${subresource}")`}` +
  `.namespace(request.namespace).name(request.name).check("${verb}").allowed()`;
const same = (field: string): string => `object.metadata.?${field} == oldObject.metadata.?${field}`;

/**
 * A role that lets people annotate a record would let them change its labels, and take its finalizer off. Whoever may
 * answer in the status is an agent, or administers records; who may rewrite them as a whole may take a word away that nobody can read.
 */
export function confirmationsPolicy(namespace: string): readonly Manifest[] {
  return admissionPolicy(`${namespace}-confirmations`, {
    of: { namespaces: [namespace] },
    resources: [{ group, resources: ['injections'], operations: ['CREATE', 'UPDATE'] }],
    variables: {
      before: `request.operation == "CREATE" ? ${JSON.stringify(annotations.map(() => ''))} : ${valuesIn('oldObject')}`,
      after: valuesIn('object'),
      oldNotes: 'request.operation == "CREATE" ? {} : oldObject.metadata.?annotations.orValue({})',
      newNotes: 'object.metadata.?annotations.orValue({})',
      administers: may('update'),
      answers: may('patch', 'status'),
    },
    demands: [
      {
        expression: `variables.after == variables.before || ${may(right.verb, right.resource)}`,
        messageExpression: `request.userInfo.username + " may not confirm what is done by hand: nobody bound them to the role ${confirmerRole(namespace)}"`,
      },
      {
        expression:
          'variables.administers || [0, 1].all(i, variables.before[i] == "" || variables.after[i] == variables.before[i])',
        message: 'what was confirmed stays as it was said first',
      },
      {
        expression:
          `request.operation == "CREATE" || variables.answers ||\n` +
          `  (${['labels', 'finalizers', 'ownerReferences'].map(same).join(' && ')} &&\n` +
          `  variables.newNotes.all(key, key in ${own} || (key in variables.oldNotes && variables.oldNotes[key] == variables.newNotes[key])) &&\n` +
          `  variables.oldNotes.all(key, key in ${own} || key in variables.newNotes))`,
        messageExpression:
          'request.userInfo.username + " may confirm what is done by hand, and change nothing else of an injection"',
      },
    ],
  });
}
