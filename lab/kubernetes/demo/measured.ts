import { AppError } from '../../../src/domain/errors.ts';
import { waitUntilQuiet } from '../../quiet.ts';
import { step, until, type Report } from '../step.ts';
import type { DemoAddresses } from './addresses.ts';

const WITHIN_MS = 120_000;

/** What experiments and the team's alerts cannot do without. */
const series = {
  'what customers see': 'sum(rate(client_requests_total{outcome="ok"}[10s])) > 0',
  'all six replicas': 'count(up{service="payments-api"} == 1) >= 6',
  kubelets: 'count(up{job="kubelet"} == 1) >= 3',
  containers: 'count(container_memory_working_set_bytes{namespace="payments"}) >= 6',
  'the state of pods': 'count(kube_pod_info{namespace="payments"}) >= 6',
};

/** Waits until Prometheus has these, and then until no alert is pending or firing. Errors: `upstream/unreachable`. */
export async function measured(addresses: DemoAddresses, report: Report): Promise<void> {
  await step(report, 'Prometheus has data of everything', async () => {
    for (const [what, query] of Object.entries(series)) {
      await until(`data of ${what} in Prometheus`, WITHIN_MS, () => holds(addresses, query));
    }
  });
  await step(report, 'no alert is pending', () => quiet(addresses));
}

async function quiet(addresses: DemoAddresses): Promise<void> {
  try {
    await waitUntilQuiet(addresses, AbortSignal.timeout(WITHIN_MS));
  } catch (error) {
    const { data } = await ask<{ alerts: readonly { labels: { alertname: string } }[] }>(addresses, 'alerts');
    const names = [...new Set(data.alerts.map(({ labels }) => labels.alertname))].join(', ');
    const advice = `Look into ${addresses.prometheusUrl}/alerts; a machine that is busy with other things makes the shop slow`;
    throw new AppError(
      'upstream/unreachable',
      `the demo is up, but not quiet within ${WITHIN_MS / 1000} s: ${names}. ${advice}`,
      {
        cause: error,
      },
    );
  }
}

async function holds(addresses: DemoAddresses, query: string): Promise<boolean> {
  const { data } = await ask<{ result: readonly unknown[] }>(addresses, `query?query=${encodeURIComponent(query)}`);
  return data.result.length > 0;
}

async function ask<T>({ prometheusUrl }: DemoAddresses, path: string): Promise<{ readonly data: T }> {
  const response = await fetch(`${prometheusUrl}/api/v1/${path}`, { signal: AbortSignal.timeout(5_000) });
  return (await response.json()) as { data: T };
}
