import { setTimeout as sleep } from 'node:timers/promises';
import { setFallback } from './set-fallback.ts';

/** What a person does between seeing and acting, in ms: reading, thinking, typing. */
const reactionMs = 1500;

export interface ResponderInput {
  readonly alertmanagerUrl: string;
  /** Base URLs of the replicas whose admin endpoint turns on the fallback. */
  readonly replicas: readonly string[];
  /** Says a word on the run, as `firedrill <verb>` does. */
  readonly say: (verb: 'noticed' | 'ack' | 'acting' | 'mitigated', text: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A scripted person on call: sees the page in Alertmanager, acknowledges it, turns on the fallback, says so. */
export async function respond({ alertmanagerUrl, replicas, say, signal }: ResponderInput): Promise<void> {
  const alert = await waitForPage(alertmanagerUrl, signal);
  await sleep(reactionMs, undefined, { signal });
  await say('ack', `I have the page: ${alert}`);
  await sleep(reactionMs, undefined, { signal });
  await say('acting', 'turning on the fraud-check fallback');
  await setFallback(replicas, true, signal);
  await sleep(reactionMs, undefined, { signal });
  await say('mitigated', 'payments go through without the fraud check');
}

/** The name of the first alert that Alertmanager delivers. */
export async function waitForPage(alertmanagerUrl: string, signal: AbortSignal): Promise<string> {
  for (;;) {
    const answer = await fetch(`${alertmanagerUrl}/api/v2/alerts?active=true`, { signal });
    const alerts = (await answer.json()) as { labels: Record<string, string> }[];
    const first = alerts[0];
    if (first !== undefined) return first.labels['alertname'] ?? 'an alert without a name';
    await sleep(500, undefined, { signal });
  }
}
