import { expect, test } from '@jest/globals';
import { nodeAgentPod } from '../../src/install/node-agent-pod.ts';

test('a node agent has the stated privileges and no more: no path of the node, no network of the node, no socket', () => {
  const pod = nodeAgentPod({
    name: 'node-agent-1',
    run: 'run-1',
    node: 'w1',
    namespace: 'firedrill',
    nodesNamespace: 'firedrill-nodes',
    image: 'agent@sha256:0',
    pullSecret: null,
    activeDeadlineSeconds: 700,
    labels: {},
    annotations: {},
  });
  expect(pod).toMatchObject({
    metadata: { namespace: 'firedrill-nodes' },
    spec: {
      nodeName: 'w1',
      hostPID: true,
      activeDeadlineSeconds: 700,
      containers: [
        {
          securityContext: {
            runAsUser: 0,
            privileged: false,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'], add: ['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE', 'SETGID', 'KILL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      ],
    },
  });
  expect(JSON.stringify(pod)).not.toMatch(/hostPath|hostNetwork|hostIPC|volumeMounts|"privileged":true/);
});
