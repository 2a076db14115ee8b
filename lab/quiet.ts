import { setTimeout as sleep } from 'node:timers/promises';

/** Where alerts are raised, and where they are delivered to. */
export interface AlertPath {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
}

/** Seconds in a row without a pending or firing alert: a service that has just started is slow for a moment. */
const quietSeconds = 5;

/** Waits until no alert is pending, firing or delivered: a fault's own alert could not be told from one that was there before. */
export async function waitUntilQuiet(path: AlertPath, signal?: AbortSignal): Promise<void> {
  for (let quiet = 0; quiet < quietSeconds; quiet = (await activeAlerts(path, signal)) > 0 ? 0 : quiet + 1) {
    await sleep(1000, undefined, signal === undefined ? {} : { signal });
  }
}

async function activeAlerts({ prometheusUrl, alertmanagerUrl }: AlertPath, signal?: AbortSignal): Promise<number> {
  const options = signal === undefined ? {} : { signal };
  const delivered = await fetch(`${alertmanagerUrl}/api/v2/alerts?active=true`, options);
  const raised = await fetch(`${prometheusUrl}/api/v1/alerts`, options);
  const { data } = (await raised.json()) as { data: { alerts: unknown[] } };
  return ((await delivered.json()) as unknown[]).length + data.alerts.length;
}
