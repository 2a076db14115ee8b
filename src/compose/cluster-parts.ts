import { levels, pino } from 'pino';
import type { Logger, LoggerOptions } from 'pino';
import { inClusterAccess } from '../adapters/kubernetes/access.ts';
import { createKubeApi } from '../adapters/kubernetes/api.ts';
import { createClusterSecrets } from '../adapters/kubernetes/secrets.ts';
import { objectionToTarget } from '../adapters/kubernetes/target-objection.ts';
import { createLogOutput } from '../adapters/host/log-output.ts';
import { createSecrets } from '../adapters/host/secrets.ts';
import { createHostTools } from '../adapters/host/tools.ts';
import { answerAlive } from '../adapters/http/alive.ts';
import { createAgentMetrics } from '../agent/agent-metrics.ts';
import type { AgentMetrics } from '../agent/agent-metrics.ts';
import type { AgentDependencies } from '../agent/dependencies.ts';
import { readConfig } from '../config.ts';
import type { HostTools } from '../faults/fault.ts';
import { faults } from '../faults/index.ts';
import { alivePort } from '../install/names.ts';
import { systemClock } from '../ports/clock.ts';
import type { KubeApi } from '../ports/kubernetes.ts';
import { version } from '../version.ts';

/** What every agent in a cluster is built from. */
export interface ClusterParts {
  readonly api: KubeApi;
  readonly log: Logger;
  /** Served beside the sign of life, by the cluster's agent. */
  readonly metrics: AgentMetrics;
  readonly shared: Pick<
    AgentDependencies,
    'faults' | 'hostTools' | 'objectionTo' | 'secret' | 'clock' | 'log' | 'name' | 'version' | 'kind'
  >;
}

/** Begins to answer those who ask whether we live. `helpers`: who starts them; we ourselves. Errors: `spec/invalid` outside a pod. */
export async function openClusterParts(
  kind: 'cluster' | 'node',
  name: string,
  helpers?: HostTools['startHelper'],
): Promise<ClusterParts> {
  const { apiServer, secretVariables, programs, podName } = readConfig();
  const metrics = createAgentMetrics({ version, clock: systemClock });
  answerAlive(alivePort, kind === 'cluster' ? metrics.text : null);
  const api = createKubeApi(await inClusterAccess(apiServer));
  const log = pino({ base: { agent: name, pod: podName }, hooks: countedBy(metrics) }, createLogOutput(1));
  return {
    api,
    log,
    metrics,
    shared: {
      kind,
      name,
      version,
      faults,
      log,
      clock: systemClock,
      hostTools: createHostTools(programs, helpers),
      secret: createClusterSecrets(api, createSecrets(secretVariables)),
      objectionTo: (target) => objectionToTarget(api, target, { inPod: kind === 'node' }),
    },
  };
}

function countedBy(metrics: AgentMetrics): NonNullable<LoggerOptions['hooks']> {
  const { warn = 0, error = 0 } = levels.values;
  return {
    logMethod(line, method, level) {
      if (level >= warn) metrics.logged(level >= error ? 'error' : 'warn');
      method.apply(this, line);
    },
  };
}
