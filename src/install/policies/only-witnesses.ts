import { witnessProgram } from '../../faults/shared/witness-program.ts';
import { accountName, admissionPolicy } from '../admission-policy.ts';
import { names, programs } from '../names.ts';
import type { InstallOptions, Manifest } from '../options.ts';

/**
 * Who may make pods in a namespace, or change what they run, could read its Secrets by them; who may make or delete NetworkPolicies
 * could open what others have shut. The cluster agent makes witnesses, labels pods, and has policies of its own: nothing else.
 */
export function onlyWitnesses({ namespace, image }: InstallOptions, nodesNamespace: string): readonly Manifest[] {
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
