import type { JsonObject } from '../domain/json.ts';
import { programs, runnerAlivePort } from './names.ts';
import { alive } from './node-agent-pod.ts';

/** The one thing that the agent and its runner share. A helper that is taken over cannot fill a disk there. */
export const runnerVolume = { name: 'runner', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } } as const;
export const runnerMount = { name: runnerVolume.name, mountPath: '/run/firedrill' } as const;
export const runnerSocket = `${runnerMount.mountPath}/runner.sock`;

/** Of a container in a pod that is not root. */
export const withoutPrivilege = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/** Starts the cluster agent's helpers, without its token: docs/guides/kubernetes.md#the-runner. */
export function runner(image: string): JsonObject {
  return {
    name: 'runner',
    image,
    imagePullPolicy: 'IfNotPresent',
    // There before the agent, and ended after it: a revert may need helpers.
    restartPolicy: 'Always',
    command: [programs.node, '--no-warnings', programs.runner],
    args: ['--socket', runnerSocket],
    ports: [{ name: 'runner-alive', containerPort: runnerAlivePort }],
    startupProbe: { httpGet: { path: '/', port: 'runner-alive' }, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 60 },
    // One that stands still hears nobody, and a revert may wait for its next life.
    livenessProbe: { ...alive(), httpGet: { path: '/', port: 'runner-alive' }, terminationGracePeriodSeconds: 2 },
    // No limit of CPU: a helper that is held up reverts late.
    resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '512Mi' } },
    volumeMounts: [runnerMount],
    securityContext: withoutPrivilege,
  };
}
