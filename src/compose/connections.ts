import { createAlertmanager } from '../adapters/alertmanager/alertmanager.ts';
import { createFileArchive } from '../adapters/archive/file-archive.ts';
import { createGameDayArchive } from '../adapters/archive/file-game-days.ts';
import { createInjectionStore } from '../adapters/host/injection-store.ts';
import { createKubernetesStore } from '../adapters/kubernetes/injection-store.ts';
import { createHttpCaller } from '../adapters/http/http-caller.ts';
import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import type { Connections } from '../activities/connections.ts';
import { AppError } from '../domain/errors.ts';
import type { PlannedEnvironment } from '../domain/plan/plan.ts';
import { systemClock } from '../ports/clock.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { KubeApi } from '../ports/kubernetes.ts';
import { createProbes } from '../probes/index.ts';

export interface Connector {
  connect(environment: PlannedEnvironment): Connections;
  /** Ends what would keep the process: watches of a cluster. */
  close(): void;
}

/**
 * One set of connections per environment, kept: archives append to one segment and HTTP connections are reused. `cluster`: of the
 * one environment that is served; null on a host.
 */
export function createConnector(cluster: KubeApi | null): Connector {
  const known = new Map<string, Connections>();
  const ends: (() => void)[] = [];

  const storeOf = (environment: PlannedEnvironment): InjectionStore => {
    if (environment.platform === 'host') return createInjectionStore(environment.stateDirectory);
    const { namespace } = environment.cluster;
    if (cluster === null)
      throw new AppError('upstream/refused', `this process serves a host, and ${environment.name} is a cluster`);
    const store = createKubernetesStore({
      api: cluster,
      namespace,
      journalNamespace: namespace,
      scope: null,
      clock: systemClock,
    });
    ends.push(() => store.close());
    return store;
  };

  const connect = (environment: PlannedEnvironment): Connections => {
    const key = JSON.stringify(environment);
    const found = known.get(key);
    if (found !== undefined) return found;
    const metrics = createPrometheus({ url: environment.prometheusUrl });
    const probes = createProbes({ metrics, http: createHttpCaller() });
    const made: Connections = {
      metrics,
      alerts: environment.alertmanagerUrls.map((url) => createAlertmanager({ url })),
      store: storeOf(environment),
      archive: createFileArchive(environment.archiveDirectory),
      gameDays: createGameDayArchive(environment.archiveDirectory),
      read: (probe, signal) => probes.read(probe, signal),
    };
    known.set(key, made);
    return made;
  };

  return { connect, close: () => ends.forEach((end) => end()) };
}
