import { accountName, admissionPolicy } from '../admission-policy.ts';
import { names } from '../names.ts';
import { nodeAgentCapabilities, nodeAgentCommand } from '../node-agent-pod.ts';
import type { InstallOptions, Manifest } from '../options.ts';

/** Pod Security lets that namespace's pods do anything: these are the pods that it is for. */
export function onlyNodeAgents({ namespace, image }: InstallOptions, nodesNamespace: string): readonly Manifest[] {
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
