import { join } from 'node:path';
import { build } from 'esbuild';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import type { Fault, FaultContext } from '../../../src/faults/fault.ts';
import { faultByName } from '../../../src/faults/index.ts';
import { granted, rulesOf } from '../../../src/install/rbac.ts';
import { nodeAgentCapabilities } from '../../../src/install/node-agent-pod.ts';
import { AppError, type ErrorCode } from '../../../src/domain/errors.ts';
import { runner, runnerMount, runnerVolume } from '../../../src/install/runner.ts';
import { tokenMount, tokenVolume } from '../../../src/install/token.ts';
import { until } from '../../faults/until.ts';
import type { Order } from './agent-in-pod.ts';
import { core, isReady, taken, type Sandbox } from './cluster.ts';

/** In the image beside the agents' own programs, so that it finds the helpers that they do. */
const place = '/app/src/agent-in-pod.js';
const image = 'firedrill.local/agent:dev';

/** It and all that it needs, as the image has the agents' programs. */
async function programInOneFile(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'agent-in-pod.ts')],
    bundle: true,
    minify: true, // a ConfigMap takes 1 MiB
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    external: ['pg-native'],
    write: false,
  });
  return outputFiles[0]!.text;
}

/** A fault whose every call is made in a pod with the rights of a node's agent. */
export async function faultInPod(sandbox: Sandbox, nodeName: string, name: string): Promise<Fault> {
  return callsInPod(sandbox, name, () => makeNodeAgent(sandbox, nodeName));
}

/** A fault whose every call is made in a pod with the rights of the cluster's agent, those that this fault needs, and with its runner. */
export async function faultInCluster(sandbox: Sandbox, name: string): Promise<Fault> {
  return callsInPod(sandbox, name, (fault) => makeClusterAgent(sandbox, fault));
}

async function callsInPod(sandbox: Sandbox, name: string, makeAgent: (fault: Fault) => Promise<void>): Promise<Fault> {
  const local = faultByName(name);
  if (local === undefined) throw new Error(`no fault ${name}`);
  if ((await sandbox.pods('agent')).length === 0) await makeAgent(local);
  await until('the agent is ready', async () => (await sandbox.pods('agent')).some(isReady), 280_000);
  const { podIP } = (await sandbox.pods('agent'))[0]!.status as { podIP?: string };
  const inPod =
    (call: Order['call']) =>
    async (context: FaultContext, ...given: readonly unknown[]): Promise<never> => {
      const { injectionId, policy, signal } = context;
      const order: Order = { fault: name, call, injectionId, policy, aborted: signal.aborted, given };
      const response = await fetch(`http://${podIP}:9191/`, { method: 'POST', body: JSON.stringify(order) });
      const { value, error } = (await response.json()) as { value?: Json; error?: { code: ErrorCode; message: string } };
      if (error !== undefined) throw new AppError(error.code, error.message);
      return value as never;
    };
  return {
    ...local,
    prepare: inPod('prepare'),
    ...(local.arm === undefined ? {} : { arm: inPod('arm') }),
    inject: inPod('inject'),
    ...(local.hold === undefined ? {} : { hold: inPod('hold') }),
    verify: inPod('verify'),
    revert: inPod('revert'),
    verifyReverted: inPod('verifyReverted'),
  };
}

function makeNodeAgent(sandbox: Sandbox, nodeName: string): Promise<void> {
  return makeAgent(sandbox, {
    env: { AGENT: 'node', NODE_NAME: nodeName },
    spec: { nodeName, hostPID: true },
    volumes: [],
    mounts: [],
    securityContext: { runAsUser: 0, privileged: false, capabilities: { drop: ['ALL'], add: [...nodeAgentCapabilities] } },
  });
}

async function makeClusterAgent(sandbox: Sandbox, { needs = [] }: Fault): Promise<void> {
  const { api, namespace } = sandbox;
  const roles = granted('agent', namespace, { name: 'default', namespace }, rulesOf(needs, 'namespace'));
  for (const role of roles) {
    const resource = `${String(role['kind']).toLowerCase()}s`;
    taken(await api.create({ group: 'rbac.authorization.k8s.io', version: 'v1', resource, namespace }, role as JsonObject));
  }
  await makeAgent(sandbox, {
    env: { AGENT: 'cluster' },
    spec: {
      initContainers: [runner(image)],
      securityContext: { runAsUser: 65532, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    },
    volumes: [runnerVolume, tokenVolume],
    mounts: [runnerMount, tokenMount],
    securityContext: { capabilities: { drop: ['ALL'] } },
  });
}

async function makeAgent(
  sandbox: Sandbox,
  given: {
    readonly env: Readonly<Record<string, string>>;
    readonly spec: JsonObject;
    readonly volumes: readonly JsonObject[];
    readonly mounts: readonly JsonObject[];
    readonly securityContext: JsonObject;
  },
): Promise<void> {
  await sandbox.make(
    { ...core, resource: 'configmaps' },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'agent' }, data: { program: await programInOneFile() } },
  );
  await sandbox.make(
    { ...core, resource: 'pods' },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'agent', labels: { app: 'agent' } },
      spec: {
        ...given.spec,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        volumes: [{ name: 'program', configMap: { name: 'agent' } }, ...given.volumes],
        containers: [
          {
            name: 'agent',
            image,
            imagePullPolicy: 'IfNotPresent',
            args: [place],
            volumeMounts: [{ name: 'program', mountPath: place, subPath: 'program' }, ...given.mounts],
            env: Object.entries(given.env).map(([name, value]) => ({ name, value })),
            readinessProbe: { httpGet: { path: '/health', port: 9191 }, periodSeconds: 1, timeoutSeconds: 5 },
            securityContext: {
              ...given.securityContext,
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              seccompProfile: { type: 'RuntimeDefault' },
            },
          },
        ],
      },
    },
  );
}
