import { terminalPhases } from '../../domain/injection/records.ts';
import { admissionPolicy } from '../admission-policy.ts';
import { instanceLabel, partOf } from '../names.ts';
import type { Manifest } from '../options.ts';

/** A right that an old role or binding gives is also given by the new one. A right is a verb on a resource of a group. */
const keepsRules = `oldObject.?rules.orValue([]).all(old, old.verbs.all(verb, old.?apiGroups.orValue([]).all(group,
  old.?resources.orValue([]).all(resource, object.?rules.orValue([]).exists(now,
    verb in now.verbs && group in now.?apiGroups.orValue([]) && resource in now.?resources.orValue([]) &&
    (!has(now.resourceNames) || old.?resourceNames.orValue([""]).all(name, name in now.resourceNames)))))))`;
const keepsSubjects = `oldObject.?subjects.orValue([]).all(old, object.?subjects.orValue([]).exists(now, now == old))`;

/**
 * Whoever installs again, by whichever way: `firedrill install` asks first and says more, Helm and GitOps ask nobody. What is in a
 * namespace that goes may go with it: so do the targets.
 */
export function revertsKeepWhatTheyNeed(namespace: string): readonly Manifest[] {
  return admissionPolicy(`${namespace}-reverts`, {
    of: { labels: { ...partOf, [instanceLabel]: namespace } },
    injectionsIn: namespace,
    resources: [
      { group: '', resources: ['namespaces', 'serviceaccounts'], operations: ['DELETE'] },
      { group: 'apps', resources: ['deployments'], operations: ['DELETE'] },
      {
        group: 'rbac.authorization.k8s.io',
        resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
        operations: ['UPDATE', 'DELETE'],
      },
    ],
    variables: {
      ended: `params.?status.?phase.orValue("waiting") in ${JSON.stringify(terminalPhases)}`,
      goes: 'namespaceObject != null && has(namespaceObject.metadata.deletionTimestamp)',
      keeps: `request.operation == "UPDATE" &&\n${keepsRules} &&\n${keepsSubjects}`,
    },
    demands: [
      {
        expression: 'variables.ended || variables.goes || variables.keeps',
        messageExpression:
          '"injection " + params.metadata.name + " has not ended, and its revert may need this. Wait for its run, or delete that injection; then do it again"',
      },
    ],
  });
}
