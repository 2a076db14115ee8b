import { setTimeout as sleep } from 'node:timers/promises';
import { startMetricsEndpoint } from './metrics-endpoint.ts';
import type { MetricsEndpoint } from './metrics-endpoint.ts';

export const unansweredMetric = 'users_unanswered_replicas';
const askEveryMs = 100;

export interface UserOptions {
  /** Far more than a loaded machine needs, so that only a broken replica does not answer. */
  readonly answerWithinMs: number;
  /** A scrape is bad when so many do not answer. */
  readonly badFrom: number;
}

export interface Users extends AsyncDisposable {
  readonly address: string;
  /** Unix ms at which the first scrape since `forget` was answered that is bad; null: none. */
  badScrapeServedAt(): number | null;
  forget(): void;
}

/** Asks each replica all the time, and tells Prometheus how many do not answer: what a frozen one cannot tell itself. */
export async function startUsers(replicas: readonly string[], { answerWithinMs, badFrom }: UserOptions): Promise<Users> {
  const over = new AbortController();
  const silent = new Set<string>();
  let servedAt: number | null = null;

  const ask = async (url: string): Promise<void> => {
    while (!over.signal.aborted) {
      const signal = AbortSignal.any([over.signal, AbortSignal.timeout(answerWithinMs)]);
      const answered = await fetch(url, { signal }).then(
        async (answer) => (await answer.text()) === 'ok',
        () => false,
      );
      if (answered) silent.delete(url);
      else silent.add(url);
      await sleep(askEveryMs);
    }
  };
  const asking = replicas.map(ask);
  const endpoint: MetricsEndpoint = await startMetricsEndpoint(
    () => `# TYPE ${unansweredMetric} gauge\n${unansweredMetric} ${silent.size}\n`,
    (text, at) => {
      if (Number(text.trimEnd().split(' ').at(-1)) >= badFrom) servedAt ??= at;
    },
  );
  return {
    address: endpoint.address,
    badScrapeServedAt: () => servedAt,
    forget: () => void (servedAt = null),
    async [Symbol.asyncDispose]() {
      over.abort();
      await Promise.all(asking);
      await endpoint[Symbol.asyncDispose]();
    },
  };
}
