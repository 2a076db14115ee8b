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
  for (const [what, query] of Object.entries(series)) {
    await until(`data of ${what} in Prometheus`, WITHIN_MS, () => holds(addresses.prometheusUrl, query));
  }
  await step(report, 'no alert is pending', () => quiet(addresses));
}

async function quiet(addresses: DemoAddresses): Promise<void> {
  try {
    await waitUntilQuiet(addresses, AbortSignal.timeout(WITHIN_MS));
  } catch (error) {
    const where = `${addresses.prometheusUrl}/alerts`;
    throw new AppError(
      'upstream/unreachable',
      `the demo is up, but an alert stays for ${WITHIN_MS / 1000} s. Look into ${where}`,
      {
        cause: error,
      },
    );
  }
}

async function holds(prometheusUrl: string, query: string): Promise<boolean> {
  const response = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: readonly unknown[] } };
  return data.result.length > 0;
}
