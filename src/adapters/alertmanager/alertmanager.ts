import { z } from 'zod';
import { createUpstreamClient, upstreamError, withoutCredentials } from '../http/upstream-client.ts';
import { AppError } from '../../domain/errors.ts';
import type { AlertsSource } from '../../ports/alerts.ts';

const timeoutMs = 5_000;
/** The `Date` header counts whole seconds. */
const dateResolutionMs = 1000;

const alerts = z.array(
  z.object({
    fingerprint: z.string(),
    labels: z.record(z.string(), z.string()),
    startsAt: z.string(),
    status: z.object({ silencedBy: z.array(z.string()), inhibitedBy: z.array(z.string()) }),
  }),
);

/** An Alertmanager's API v2. Errors: `upstream/unreachable`, `upstream/refused`. */
export function createAlertmanager({ url }: { readonly url: string }): AlertsSource {
  const client = createUpstreamClient(url, timeoutMs);

  return {
    url,
    async ready() {
      return client.get('/-/ready').then(
        () => true,
        () => false,
      );
    },
    async active() {
      try {
        const { data } = await client.get<unknown>('/api/v2/alerts', {
          params: { active: true, silenced: true, inhibited: true },
        });
        const parsed = alerts.safeParse(data);
        if (!parsed.success) {
          throw new AppError(
            'upstream/refused',
            `${withoutCredentials(url)} does not answer like an Alertmanager. Check the environment's alertmanagers`,
            {
              cause: parsed.error,
            },
          );
        }
        return parsed.data.map(({ fingerprint, labels, startsAt, status }) => ({
          fingerprint,
          labels,
          startsAt: new Date(startsAt).toISOString(),
          silencedBy: status.silencedBy,
          inhibitedBy: status.inhibitedBy,
        }));
      } catch (error) {
        throw upstreamError('Alertmanager', url, error);
      }
    },
    async clockOffset() {
      try {
        const sent = Date.now();
        const { headers } = await client.get('/-/ready');
        const received = Date.now();
        const server = Date.parse(String(headers['date'])) + dateResolutionMs / 2;
        return { offsetMs: server - (sent + received) / 2, errorMs: dateResolutionMs / 2 + (received - sent) / 2 };
      } catch (error) {
        throw upstreamError('Alertmanager', url, error);
      }
    },
  };
}
