import { alivePort, names, partOf, programs } from './names.ts';
import { alive } from './node-agent-pod.ts';
import type { InstallOptions, Manifest } from './options.ts';
import { runner, runnerMount, runnerSocket, runnerVolume, withoutPrivilege } from './runner.ts';
import { tokenMount, tokenVolume } from './token.ts';

/**
 * Node chooses 1 MB for young objects under this limit of memory, and cleans up all the time: with 500 live injections that was more than a
 * third of the agent's processor time.
 */
const roomForTheYoung = ['--min-semi-space-size=4', '--max-semi-space-size=16'];

export const clusterAgentLabels = { ...partOf, 'app.kubernetes.io/name': names.clusterAgent };
const labels = clusterAgentLabels;

/** Two, on different nodes where there are two: one leads, the other takes over within the lease. */
export function clusterAgent(options: InstallOptions, policyHash: string): readonly Manifest[] {
  const { namespace, image, pullSecret, apiFaultsOnly } = options;
  const metadata = { name: names.clusterAgent, namespace, labels };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        // One at a time, and never none: a revert may be due.
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        template: {
          // A policy counts from the start of an agent: another policy, other pods.
          metadata: { labels, annotations: { 'firedrill.dev/policy': policyHash } },
          spec: {
            serviceAccountName: names.clusterAgent,
            // The agent's container alone has it.
            automountServiceAccountToken: false,
            ...(pullSecret === null ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
            terminationGracePeriodSeconds: 40,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              runAsGroup: 65532,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            affinity: {
              podAntiAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [
                  {
                    weight: 100,
                    podAffinityTerm: { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' },
                  },
                ],
              },
            },
            volumes: [runnerVolume, tokenVolume],
            initContainers: [runner(image)],
            containers: [
              {
                name: 'agent',
                image,
                imagePullPolicy: 'IfNotPresent',
                command: [programs.node, ...roomForTheYoung, '--no-warnings', programs.clusterAgent],
                args: [
                  '--namespace',
                  namespace,
                  '--runner',
                  runnerSocket,
                  '--image',
                  image,
                  ...(apiFaultsOnly ? [] : ['--node-agent-image', image]),
                  ...(apiFaultsOnly || pullSecret === null ? [] : ['--node-agent-pull-secret', pullSecret]),
                ],
                ports: [{ name: 'alive', containerPort: alivePort }],
                livenessProbe: alive(),
                readinessProbe: { ...alive(), initialDelaySeconds: 0, failureThreshold: 1 },
                resources: { requests: { cpu: '100m', memory: '96Mi' }, limits: { memory: '256Mi' } },
                volumeMounts: [runnerMount, tokenMount],
                securityContext: withoutPrivilege,
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    },
  ];
}
