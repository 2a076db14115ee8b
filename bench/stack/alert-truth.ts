import { setTimeout as sleep } from 'node:timers/promises';

/** When an alert began to fire, as seen from outside: not yet at `after`, surely at `before`. Unix ms. */
export interface Seen {
  readonly after: number;
  readonly before: number;
}

export interface AlertTruth extends AsyncDisposable {
  /** Waits until it was seen firing. */
  firing(alertname: string): Promise<Seen>;
}

const lookEveryMs = 15;
const patienceMs = 30_000;

/** Asks Prometheus all the time which alerts fire now: its state, not the samples that the product measures from. */
export function watchAlerts(prometheusUrl: string): AlertTruth {
  const over = new AbortController();
  const seen = new Map<string, Seen>();

  const look = async (): Promise<void> => {
    let last = Date.now();
    while (!over.signal.aborted) {
      const asked = Date.now();
      const answer = await fetch(`${prometheusUrl}/api/v1/alerts`, { signal: over.signal });
      const { data } = (await answer.json()) as { data: { alerts: { state: string; labels: Record<string, string> }[] } };
      const before = Date.now();
      for (const { state, labels } of data.alerts) {
        const name = labels['alertname'] ?? '';
        if (state === 'firing' && !seen.has(name)) seen.set(name, { after: last, before });
      }
      last = asked;
      await sleep(lookEveryMs);
    }
  };
  const looking = look().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });

  return {
    async firing(alertname) {
      for (const giveUpAt = Date.now() + patienceMs; Date.now() < giveUpAt; await sleep(lookEveryMs)) {
        const found = seen.get(alertname);
        if (found !== undefined) return found;
      }
      throw new Error(`${alertname} did not fire within ${patienceMs / 1000} s`);
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await looking;
    },
  };
}
