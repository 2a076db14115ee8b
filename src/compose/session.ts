import type { Connections } from '../activities/connections.ts';
import { createSecrets } from '../adapters/host/secrets.ts';
import { specFiles } from '../adapters/host/spec-files.ts';
import { readTemporalAccess } from '../adapters/temporal/access.ts';
import type { TemporalAccess } from '../adapters/temporal/access.ts';
import { readConfig } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import type { GameDayPlan } from '../domain/game-day/plan.ts';
import type { Plan, PlannedEnvironment } from '../domain/plan/plan.ts';
import type { KubernetesEnvironment } from '../spec/environment.ts';
import { plannedEnvironment } from '../planning/create-plan.ts';
import { loadEnvironment } from '../planning/load-environment.ts';
import type { KubeApi } from '../ports/kubernetes.ts';
import type { Orchestrator } from '../ports/orchestrator.ts';
import type { Platform } from '../ports/platform.ts';
import { openCluster } from './cluster.ts';
import { createConnector } from './connections.ts';
import type { Connector } from './connections.ts';
import { platformOf } from './platform.ts';

/** One command's dealings with one environment. What is costly to load or to open is opened when asked for, and closed at the end. */
export interface Session extends AsyncDisposable {
  readonly planned: PlannedEnvironment;
  /** Its API; null on a host. */
  readonly cluster: KubeApi | null;
  /** Where the services of a cluster are. */
  readonly targetNamespaces: readonly string[];
  readonly connector: Connector;
  readonly connections: Connections;
  readonly platform: Platform;
  /** Reads the certificates and keys that the environment names. Errors: as `readTemporalAccess`. */
  temporal(): Promise<TemporalAccess>;
  orchestrator(): Promise<Orchestrator>;
  /** Resolves an experiment file to a plan. Errors: as `createPlan`. */
  plan(experimentFile: string, seed: number | undefined): Promise<Plan>;
  /** The same for a game day's file and all its scenarios. */
  planGameDay(file: string, seed: number | undefined): Promise<GameDayPlan>;
}

/** Errors: `spec/not-found`, `spec/invalid`. */
export async function openSession(
  environmentFile: string | undefined,
  warn: (text: string) => void = () => {},
): Promise<Session> {
  const file = environmentFile ?? readConfig().environmentFile;
  if (file === null) {
    throw new AppError('spec/not-found', 'no environment is named. Give --environment FILE, or set FIREDRILL_ENVIRONMENT');
  }
  const environment = await loadEnvironment(file, specFiles);
  const planned = plannedEnvironment(environment);
  const cluster = environment.platform === 'host' ? null : await openCluster(environment.cluster);
  const platform = platformOf(environment, cluster);
  const connector = createConnector(cluster);
  const temporal = () => readTemporalAccess(environment.temporal, createSecrets(readConfig().secretVariables));
  let opened: Promise<Orchestrator> | undefined;

  return {
    planned,
    cluster,
    targetNamespaces: environment.platform === 'host' ? [] : namespacesOf(environment),
    connector,
    temporal,
    // Not before it is asked for: doctor must run where the state directory cannot be made.
    get connections() {
      return connector.connect(planned);
    },
    platform,
    orchestrator() {
      opened ??= import('../adapters/temporal/orchestrator.ts').then(({ connectOrchestrator }) =>
        temporal().then(connectOrchestrator),
      );
      return opened;
    },
    async plan(experimentFile, seed) {
      const { planExperiment } = await import('./plan-experiment.ts');
      return planExperiment(experimentFile, { environment, platform, seed, warn });
    },
    async planGameDay(file, seed) {
      const { planGameDay } = await import('./plan-game-day.ts');
      return planGameDay(file, { environment, platform, seed, warn });
    },
    async [Symbol.asyncDispose]() {
      await opened?.then(
        (orchestrator) => orchestrator.close(),
        () => {},
      );
      connector.close();
      cluster?.close();
    },
  };
}

function namespacesOf({ services }: KubernetesEnvironment): readonly string[] {
  return [...new Set(Object.values(services).map(({ namespace }) => namespace))];
}
