import { terminalPhases } from '../domain/injection/records.ts';
import { witnessProgram } from '../faults/shared/witness-program.ts';
import { accountName, admissionPolicy } from './admission-policy.ts';
import { confirmationsPolicy } from './confirmations.ts';
import { instanceLabel, names, partOf, programs } from './names.ts';
import { nodeAgentCapabilities, nodeAgentCommand } from './node-agent-pod.ts';
import type { InstallOptions, Manifest } from './options.ts';

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

/** The same that agents refuse, whoever asks: here the API server refuses it too, before anything is written. */
function workerAsks({ namespace, namespaces, nodes }: InstallOptions): readonly Manifest[] {
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

/** In a token that is bound to a pod, the API server says which node that is on: no agent can say it itself. */
const ofToken = (what: 'node-name' | 'pod-name'): string =>
  `request.userInfo.?extra[?"authentication.kubernetes.io/${what}"][?0].orValue("")`;
const isBound = {
  expression: 'variables.node != ""',
  message: 'the token of a node agent must be one that the kubelet gave its pod, which names a node (Kubernetes 1.30 and later)',
};
/** As `labelValue` (adapters/kubernetes/record-names.ts) shortens; what tells two long names apart is within what is kept. */
const labelled =
  '(variables.node.size() > 63 ? string(variables.label).startsWith(variables.node.substring(0, 46) + "-") :\n' +
  '  variables.label == variables.node)';
const labelOf = (object: string): string => `${object}.metadata.?labels[?"firedrill.dev/node"].orValue("none")`;

/** An agent answers for what is on its own node. It makes no record, but for one that was taken away, to say how that ended. */
function nodeAgentAnswers(namespace: string, nodesNamespace: string): readonly Manifest[] {
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

function nodeAgentKeepsJournals(namespace: string, nodesNamespace: string): readonly Manifest[] {
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

/** Pod Security lets that namespace's pods do anything: these are the pods that it is for. */
function onlyNodeAgents({ namespace, image }: InstallOptions, nodesNamespace: string): readonly Manifest[] {
  const each = (demand: string): string => `object.spec.containers.all(c, ${demand})`;
  const security = 'c.?securityContext';
  return admissionPolicy(`${namespace}-node-agent-pods`, {
    of: { namespaces: [nodesNamespace] },
    resources: [
      { group: '', resources: ['pods'], operations: ['CREATE', 'UPDATE'] },
      { group: '', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
    ],
    demands: [
      {
        expression: `request.operation != "CREATE" || request.userInfo.username == "${accountName(names.clusterAgent, namespace)}"`,
        messageExpression: `"only the cluster agent makes pods in ${nodesNamespace}, not " + request.userInfo.username`,
      },
      {
        expression:
          'object.spec.containers.size() == 1 && !has(object.spec.initContainers) && !has(object.spec.ephemeralContainers)',
        message: 'a node agent is a pod of one container',
      },
      {
        expression: each(`c.image == ${JSON.stringify(image)}`),
        message: 'a node agent has the image of the installation. Install again to change it',
      },
      {
        expression: each(
          `c.?command.orValue([]) == ${JSON.stringify(nodeAgentCommand)} &&\n` +
            '  !has(c.env) && !has(c.envFrom) && !has(c.lifecycle) && !has(c.startupProbe) && !has(c.readinessProbe) &&\n' +
            '  !has(c.livenessProbe.exec)',
        ),
        message: 'a node agent runs its own program and nothing else',
      },
      {
        expression: each(
          `!${security}.?privileged.orValue(false) && !${security}.?allowPrivilegeEscalation.orValue(true) &&\n` +
            `  ${security}.?readOnlyRootFilesystem.orValue(false) &&\n` +
            `  "ALL" in ${security}.?capabilities.?drop.orValue([]) &&\n` +
            `  ${security}.?capabilities.?add.orValue([]).all(name, name in ${JSON.stringify(nodeAgentCapabilities)})`,
        ),
        message: `a node agent is not privileged, and has no capability but ${nodeAgentCapabilities.join(', ')}`,
      },
      {
        expression:
          '!object.spec.?hostNetwork.orValue(false) && !object.spec.?hostIPC.orValue(false) &&\n' +
          '  object.spec.?volumes.orValue([]).all(volume, has(volume.projected))',
        message: 'a node agent has no path, no network and no socket of its node',
      },
      {
        expression: `object.spec.serviceAccountName == "${names.nodeAgent}" && has(object.spec.activeDeadlineSeconds)`,
        message: 'a node agent has its own account, and an end',
      },
    ],
  });
}

/**
 * Who may make pods in a namespace, or change what they run, could read its Secrets by them; who may make or delete NetworkPolicies
 * could open what others have shut. The cluster agent makes witnesses, labels pods, and has policies of its own: nothing else.
 */
function onlyWitnesses({ namespace, image }: InstallOptions, nodesNamespace: string): readonly Manifest[] {
  const user = accountName(names.clusterAgent, namespace);
  // There, another policy says which pods it makes; where there are no node agents, it has no right there.
  const of = { namespacesBut: nodesNamespace };
  const each = (demand: string): string => `object.spec.containers.all(c, ${demand})`;
  return [
    ...admissionPolicy(`${namespace}-witness-pods`, {
      of,
      resources: [{ group: '', resources: ['pods'], operations: ['CREATE'] }],
      user,
      demands: [
        {
          // What begins with a hyphen would be an option of Node, and not of the program.
          expression: each(
            `c.image == ${JSON.stringify(image)} && c.command.size() == 4 && c.command[3].startsWith("{") &&\n` +
              `  c.command[0] == "${programs.node}" && c.command[1] == "-e" && c.command[2] == ${JSON.stringify(witnessProgram)}`,
          ),
          message: 'the cluster agent makes no pod but a witness: the image of the installation, and its program',
        },
        {
          expression:
            '!has(object.spec.initContainers) && !has(object.spec.volumes) && !object.spec.automountServiceAccountToken &&\n' +
            '  !object.spec.?hostNetwork.orValue(false) && !object.spec.?hostPID.orValue(false) &&\n' +
            '  !object.spec.?hostIPC.orValue(false) && object.spec.securityContext.runAsNonRoot &&\n' +
            '  object.spec.securityContext.seccompProfile.type == "RuntimeDefault" &&\n' +
            '  !object.spec.?priorityClassName.orValue("").startsWith("system-")',
          message: 'a witness has no token, no volume, nothing of its node, no rank, and is not root',
        },
        {
          expression: each(
            '!has(c.args) && !has(c.env) && !has(c.envFrom) && !has(c.lifecycle) && !has(c.ports) &&\n' +
              '  !has(c.livenessProbe) && !has(c.startupProbe) && !has(c.readinessProbe.httpGet.host)',
          ),
          message: 'a witness is told by its command alone, and asked by its kubelet alone',
        },
        {
          expression: each(
            '!c.securityContext.?privileged.orValue(false) && !c.securityContext.allowPrivilegeEscalation &&\n' +
              '  "ALL" in c.securityContext.capabilities.drop && !has(c.securityContext.capabilities.add) &&\n' +
              '  !has(c.securityContext.runAsUser) && !has(c.securityContext.runAsNonRoot) &&\n' +
              '  !has(c.securityContext.seccompProfile) && c.securityContext.?procMount.orValue("Default") == "Default"',
          ),
          message: 'a witness has no privilege',
        },
        {
          // With the labels of a workload it would be called as one of it.
          expression:
            'has(object.spec.activeDeadlineSeconds) && object.metadata.labels.all(name,\n' +
            '  name == "app.kubernetes.io/part-of" || name.startsWith("firedrill.dev/"))',
          message: 'a witness has an end, and no labels but ours',
        },
      ],
    }),
    ...admissionPolicy(`${namespace}-pods-as-they-run`, {
      of,
      resources: [{ group: '', resources: ['pods'], operations: ['UPDATE'] }],
      user,
      demands: [
        {
          expression: 'object.spec == oldObject.spec',
          message: 'the cluster agent changes labels and annotations of pods, and nothing that they run',
        },
      ],
    }),
    ...admissionPolicy(`${namespace}-cut-policies`, {
      of,
      resources: [{ group: 'networking.k8s.io', resources: ['networkpolicies'], operations: ['CREATE', 'UPDATE', 'DELETE'] }],
      user,
      demands: [
        {
          expression:
            'request.operation == "DELETE" ? oldObject.metadata.?labels[?"firedrill.dev/injection"].hasValue() :\n' +
            '  object.spec.policyTypes == ["Egress"] && object.spec.podSelector.?matchLabels[?"firedrill.dev/cut"].hasValue()',
          message: 'the cluster agent makes and deletes no NetworkPolicy but those of its own faults',
        },
      ],
    }),
  ];
}

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
function revertsKeepWhatTheyNeed(namespace: string): readonly Manifest[] {
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
