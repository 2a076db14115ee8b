import { createAlertmanager } from '../adapters/alertmanager/alertmanager.ts';
import { createFileArchive } from '../adapters/archive/file-archive.ts';
import { createGameDayArchive } from '../adapters/archive/file-game-days.ts';
import { createInjectionStore } from '../adapters/host/injection-store.ts';
import { createHttpCaller } from '../adapters/http/http-caller.ts';
import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import { stateDirectoryOf } from './host-records.ts';
import type { Connections } from '../activities/connections.ts';
import type { PlannedEnvironment } from '../domain/plan/plan.ts';
import { createProbes } from '../probes/index.ts';

/** One set of connections per environment, kept: archives append to one segment and HTTP connections are reused. */
export function createConnector(): (environment: PlannedEnvironment) => Connections {
  const known = new Map<string, Connections>();
  return (environment) => {
    const key = JSON.stringify(environment);
    const found = known.get(key);
    if (found !== undefined) return found;
    const metrics = createPrometheus({ url: environment.prometheusUrl });
    const probes = createProbes({ metrics, http: createHttpCaller() });
    const made: Connections = {
      metrics,
      alerts: environment.alertmanagerUrls.map((url) => createAlertmanager({ url })),
      store: createInjectionStore(stateDirectoryOf(environment, 'this store')),
      archive: createFileArchive(environment.archiveDirectory),
      gameDays: createGameDayArchive(environment.archiveDirectory),
      read: (probe, signal) => probes.read(probe, signal),
    };
    known.set(key, made);
    return made;
  };
}
