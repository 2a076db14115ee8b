import { createAlertmanager } from '../adapters/alertmanager/alertmanager.ts';
import { machine } from '../adapters/host/machine.ts';
import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import { examineEnvironment } from '../app/examine-environment.ts';
import { clusterChecks } from '../app/examine-cluster.ts';
import type { Check, Finding } from '../app/examine-environment.ts';
import { systemClock } from '../ports/clock.ts';
import type { Session } from './session.ts';

export function examineSession(session: Session): Promise<readonly Finding[]> {
  const { planned: environment } = session;
  return examineEnvironment({
    environment,
    metrics: createPrometheus({ url: environment.prometheusUrl }),
    alerts: environment.alertmanagerUrls.map((url) => createAlertmanager({ url })),
    machine,
    clock: systemClock,
    orchestrator: () => session.orchestrator(),
    store: () => session.connections.store,
    cluster: clusterChecksOf(session),
  });
}

function clusterChecksOf({ cluster, planned, targetNamespaces }: Session): readonly Check[] {
  if (cluster === null || planned.platform === 'host') return [];
  return clusterChecks({ api: cluster, namespace: planned.cluster.namespace, targetNamespaces });
}
