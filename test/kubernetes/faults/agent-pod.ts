import type { Json, JsonObject } from '../../../src/domain/json.ts';
import type { Fault, FaultContext } from '../../../src/faults/fault.ts';
import { faultByName } from '../../../src/faults/index.ts';
import { granted, rulesOf } from '../../../src/install/rbac.ts';
import { nodeAgentCapabilities } from '../../../src/install/node-agent-pod.ts';
import { AppError, type ErrorCode } from '../../../src/domain/errors.ts';
import { until } from '../../faults/until.ts';
import { core, isReady, taken, type Sandbox } from './cluster.ts';

/** Carries a fault's calls out where an agent's would be: in a pod, with the rights of a node's agent or of the cluster's. */
const program = `
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createHostTools } from '/app/src/adapters/host/tools.ts';
import { inClusterAccess } from '/app/src/adapters/kubernetes/access.ts';
import { createKubeApi } from '/app/src/adapters/kubernetes/api.ts';
import { createClusterTools } from '/app/src/adapters/kubernetes/cluster-tools.ts';
import { createClusterSecrets } from '/app/src/adapters/kubernetes/secrets.ts';
import { createNodeTools } from '/app/src/adapters/node/tools.ts';
import { readConfig } from '/app/src/config.ts';
import { faultByName } from '/app/src/faults/index.ts';
const { AGENT, NODE_NAME } = process.env;
const none = async () => '';
const clusterParts = async () => {
  const api = createKubeApi(await inClusterAccess(readConfig().apiServer));
  const cluster = createClusterTools(api, new AbortController().signal);
  return { cluster, node: null, secret: createClusterSecrets(api, none) };
};
const parts = AGENT === 'cluster' ? await clusterParts() : { cluster: null, node: createNodeTools(NODE_NAME), secret: none };
createServer(async (request, response) => {
  if (request.url === '/health') return response.end('ok');
  const { fault, call, injectionId, policy, aborted, given } = JSON.parse(await text(request));
  const context = {
    injectionId, policy, signal: aborted ? AbortSignal.abort() : new AbortController().signal,
    log: () => {}, journal: async () => {}, host: createHostTools(), ...parts,
  };
  const answer = await faultByName(fault)[call](context, ...given).then(
    (value) => ({ value: value ?? null }),
    (error) => ({ error: { code: error.code ?? 'internal/bug', message: error.message } }),
  );
  response.end(JSON.stringify(answer));
}).listen(9191);`;

/** A fault whose every call is made in a pod with the rights of a node's agent. */
export async function faultInPod(sandbox: Sandbox, nodeName: string, name: string): Promise<Fault> {
  return callsInPod(sandbox, name, () => makeNodeAgent(sandbox, nodeName));
}

/** A fault whose every call is made in a pod with the rights of the cluster's agent: those that this fault needs, and no other. */
export async function faultInCluster(sandbox: Sandbox, name: string): Promise<Fault> {
  return callsInPod(sandbox, name, (fault) => makeClusterAgent(sandbox, fault));
}

async function callsInPod(sandbox: Sandbox, name: string, makeAgent: (fault: Fault) => Promise<void>): Promise<Fault> {
  const local = faultByName(name);
  if (local === undefined) throw new Error(`no fault ${name}`);
  if ((await sandbox.pods('agent')).length === 0) await makeAgent(local);
  await until('the agent is ready', async () => (await sandbox.pods('agent')).some(isReady), 110_000);
  const { podIP } = (await sandbox.pods('agent'))[0]!.status as { podIP?: string };
  const inPod =
    (call: string) =>
    async (context: FaultContext, ...given: readonly unknown[]): Promise<never> => {
      const { injectionId, policy, signal } = context;
      const order = { fault: name, call, injectionId, policy, aborted: signal.aborted, given };
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
    verify: inPod('verify'),
    revert: inPod('revert'),
    verifyReverted: inPod('verifyReverted'),
  };
}

function makeNodeAgent(sandbox: Sandbox, nodeName: string): Promise<void> {
  return makeAgent(sandbox, {
    env: { AGENT: 'node', NODE_NAME: nodeName },
    spec: { nodeName, hostPID: true, automountServiceAccountToken: false },
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
    spec: {},
    securityContext: { runAsUser: 65532, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
  });
}

async function makeAgent(
  sandbox: Sandbox,
  given: { readonly env: Readonly<Record<string, string>>; readonly spec: JsonObject; readonly securityContext: JsonObject },
): Promise<void> {
  await sandbox.make(
    { ...core, resource: 'pods' },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'agent', labels: { app: 'agent' } },
      spec: {
        ...given.spec,
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'agent',
            image: 'firedrill.local/agent:dev',
            imagePullPolicy: 'IfNotPresent',
            args: ['--input-type=module', '-e', program],
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
