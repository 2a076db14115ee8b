import type { Json } from '../../../src/domain/json.ts';
import type { Fault, FaultContext } from '../../../src/faults/fault.ts';
import { faultByName } from '../../../src/faults/index.ts';
import { nodeAgentCapabilities } from '../../../src/install/node-agent-pod.ts';
import { AppError, type ErrorCode } from '../../../src/domain/errors.ts';
import { until } from '../../faults/until.ts';
import { core, isReady, type Sandbox } from './cluster.ts';

/** Carries a fault's calls out where an agent's would be: in a pod of the node, with a node agent's rights. */
const program = `
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createHostTools } from '/app/src/adapters/host/tools.ts';
import { createNodeTools } from '/app/src/adapters/node/tools.ts';
import { faultByName } from '/app/src/faults/index.ts';
createServer(async (request, response) => {
  if (request.url === '/health') return response.end('ok');
  const { fault, call, injectionId, policy, aborted, given } = JSON.parse(await text(request));
  const context = {
    injectionId, policy, signal: aborted ? AbortSignal.abort() : new AbortController().signal,
    log: () => {}, journal: async () => {}, secret: async () => '', cluster: null,
    host: createHostTools(), node: createNodeTools(process.env.NODE_NAME),
  };
  const answer = await faultByName(fault)[call](context, ...given).then(
    (value) => ({ value: value ?? null }),
    (error) => ({ error: { code: error.code ?? 'internal/bug', message: error.message } }),
  );
  response.end(JSON.stringify(answer));
}).listen(9191);`;

/** A fault whose every call is made in that pod. */
export async function faultInPod(sandbox: Sandbox, nodeName: string, name: string): Promise<Fault> {
  if ((await sandbox.pods('agent')).length === 0) await makeAgent(sandbox, nodeName);
  await until('the agent is ready', async () => (await sandbox.pods('agent')).some(isReady), 110_000);
  const { podIP } = (await sandbox.pods('agent'))[0]!.status as { podIP?: string };
  const local = faultByName(name);
  if (local === undefined) throw new Error(`no fault ${name}`);
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

async function makeAgent(sandbox: Sandbox, nodeName: string): Promise<void> {
  await sandbox.make(
    { ...core, resource: 'pods' },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'agent', labels: { app: 'agent' } },
      spec: {
        nodeName,
        hostPID: true,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'agent',
            image: 'firedrill.local/agent:dev',
            imagePullPolicy: 'IfNotPresent',
            args: ['--input-type=module', '-e', program],
            env: [{ name: 'NODE_NAME', value: nodeName }],
            readinessProbe: { httpGet: { path: '/health', port: 9191 }, periodSeconds: 1, timeoutSeconds: 5 },
            securityContext: {
              runAsUser: 0,
              privileged: false,
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'], add: [...nodeAgentCapabilities] },
              seccompProfile: { type: 'RuntimeDefault' },
            },
          },
        ],
      },
    },
  );
}
