import type { Probe } from './probe.ts';
import { problem } from './probe.ts';

/**
 * Asks the target itself, as a user would. No answer is not missing data but what the user sees: a failure, or an endless
 * wait. A fast answer of the wrong status must not pass for a good latency.
 */
export const http: Probe<'http'> = {
  name: 'http',
  async sample({ http: caller }, { source }, { signal, timeoutMs }) {
    if (!URL.canParse(source.url)) return problem('config', `${source.url} is not a URL. Correct it in the probe`);
    const answer = await caller.call({ method: source.method, url: source.url, body: source.body, timeoutMs, signal });
    if (answer.kind === 'not-sent') return problem('error', `${source.method} ${source.url} was not sent: ${answer.why}`);
    const succeeded = answer.kind === 'answer' && answer.status === source.expectStatus;
    const value = source.measure === 'failure' ? (succeeded ? 0 : 1) : succeeded ? answer.seconds : Infinity;
    return { value, sourceAt: null, events: null, problem: null };
  },
};
