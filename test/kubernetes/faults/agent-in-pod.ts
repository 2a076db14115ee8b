import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createHostTools } from '../../../src/adapters/host/tools.ts';
import { helpersOfRunner } from '../../../src/adapters/helpers/runner-connection.ts';
import { inClusterAccess } from '../../../src/adapters/kubernetes/access.ts';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { createClusterTools } from '../../../src/adapters/kubernetes/cluster-tools.ts';
import { createClusterSecrets } from '../../../src/adapters/kubernetes/secrets.ts';
import { createNodeTools } from '../../../src/adapters/node/tools.ts';
import { readConfig } from '../../../src/config.ts';
import { isAppError } from '../../../src/domain/errors.ts';
import type { AgentPolicy, FaultContext } from '../../../src/faults/fault.ts';
import { apiNeeds, faultByName } from '../../../src/faults/index.ts';
import { runnerSocket } from '../../../src/install/runner.ts';
import { systemClock } from '../../../src/ports/clock.ts';

// Carries a fault's calls out where an agent's would be: in a pod, with the rights of a node's agent or of the cluster's.

export interface Order {
  readonly fault: string;
  readonly call: 'prepare' | 'arm' | 'inject' | 'hold' | 'verify' | 'revert' | 'verifyReverted';
  readonly injectionId: string;
  readonly policy: AgentPolicy;
  readonly aborted: boolean;
  readonly given: readonly unknown[];
}

const { AGENT, NODE_NAME = '' } = process.env;
const parts = AGENT === 'cluster' ? await ofCluster() : ofNode();

createServer(async (request, response) => {
  if (request.url === '/health') return response.end('ok');
  const answer = await carryOut(JSON.parse(await text(request)) as Order).then(
    (value) => ({ value: value ?? null }),
    (error: unknown) => ({
      error: { code: isAppError(error) ? error.code : 'internal/bug', message: error instanceof Error ? error.message : '' },
    }),
  );
  return response.end(JSON.stringify(answer));
}).listen(9191);

async function carryOut({ fault, call, injectionId, policy, aborted, given }: Order): Promise<unknown> {
  const context: FaultContext = {
    injectionId,
    policy,
    signal: aborted ? AbortSignal.abort() : new AbortController().signal,
    log: () => {},
    journal: async () => {},
    confirmation: async () => null,
    ...parts,
  };
  const carried = faultByName(fault)?.[call] as ((context: FaultContext, ...given: readonly unknown[]) => unknown) | undefined;
  if (carried === undefined) throw new Error(`${fault} has no ${call}`);
  return carried(context, ...given);
}

type Parts = Pick<FaultContext, 'cluster' | 'node' | 'secret' | 'host'>;

async function ofCluster(): Promise<Parts> {
  const api = createKubeApi(await inClusterAccess(readConfig().apiServer));
  const cluster = createClusterTools(api, {
    signal: new AbortController().signal,
    needs: apiNeeds,
    clock: systemClock,
    image: 'agent',
  });
  const host = createHostTools({}, helpersOfRunner(runnerSocket));
  return { cluster, node: null, secret: createClusterSecrets(api, async () => ''), host };
}

function ofNode(): Parts {
  return { cluster: null, node: createNodeTools(NODE_NAME), secret: async () => '', host: createHostTools() };
}
