import type { JsonObject } from '../domain/json.ts';
import { alivePort, names, partOf, programs } from './names.ts';

/** All that a node agent may do to its node, and why: docs/guides/kubernetes.md#node-agents. */
export const nodeAgentCapabilities = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE', 'SETGID', 'KILL'] as const;

/** In the node's cgroup namespace from the start: nobody may be moved into a container's account from another. */
export const nodeAgentCommand = [
  'nsenter',
  '--target',
  '1',
  '--cgroup',
  '--',
  programs.node,
  '--no-warnings',
  programs.nodeAgent,
] as const;

export interface NodeAgentPodOptions {
  readonly name: string;
  readonly run: string;
  readonly node: string;
  /** Where records are, and where this pod is. */
  readonly namespace: string;
  readonly nodesNamespace: string;
  readonly image: string;
  readonly pullSecret: string | null;
  /** From the start of the pod; the cluster then ends it. */
  readonly activeDeadlineSeconds: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The pod of one run on one node. It reaches containers through the node's processes: no path of the node, no runtime socket. */
export function nodeAgentPod(options: NodeAgentPodOptions): JsonObject {
  const { name, run, node, namespace, nodesNamespace, image, pullSecret, activeDeadlineSeconds } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: nodesNamespace,
      labels: { ...partOf, 'app.kubernetes.io/name': names.nodeAgent, ...options.labels },
      annotations: options.annotations,
    },
    spec: {
      // No scheduler: also on a cordoned node, and at once.
      nodeName: node,
      tolerations: [{ operator: 'Exists' }],
      serviceAccountName: names.nodeAgent,
      ...(pullSecret === null ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
      hostPID: true,
      restartPolicy: 'Always',
      activeDeadlineSeconds,
      // What it holds is reverted and read back within this.
      terminationGracePeriodSeconds: 40,
      containers: [
        {
          name: 'agent',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: [...nodeAgentCommand],
          args: ['--namespace', namespace, '--run', run, '--node', node, '--name', name],
          ports: [{ name: 'alive', containerPort: alivePort }],
          livenessProbe: alive(),
          resources: {
            requests: { cpu: '100m', memory: '96Mi' },
            limits: { memory: '256Mi' },
          },
          securityContext: {
            runAsUser: 0,
            runAsGroup: 0,
            privileged: false,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'], add: [...nodeAgentCapabilities] },
            seccompProfile: { type: 'RuntimeDefault' },
            // AppArmor's usual profile forbids looking at other containers' processes.
            appArmorProfile: { type: 'Unconfined' },
          },
        },
      ],
    },
  };
}

/** One that stands still reverts nothing: it is killed, and its next life reverts. */
export function alive(): JsonObject {
  return {
    httpGet: { path: '/', port: 'alive' },
    periodSeconds: 2,
    timeoutSeconds: 2,
    failureThreshold: 3,
    initialDelaySeconds: 5,
  };
}
