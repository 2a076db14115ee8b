import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { isAxiosError } from 'axios';
import type { HttpAnswer, HttpCaller, HttpRequest } from '../../ports/http.ts';

const maxAnswerBytes = 1024 * 1024;

/**
 * Every request opens its own connection: a kept one would hide that new users can no longer connect.
 * No proxy: what is measured is the target.
 */
export function createHttpCaller(): HttpCaller {
  const client = axios.create({
    proxy: false,
    maxRedirects: 0,
    maxContentLength: maxAnswerBytes,
    responseType: 'arraybuffer',
    validateStatus: () => true,
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
  });

  return {
    async call(request: HttpRequest): Promise<HttpAnswer> {
      const start = performance.now();
      const seconds = () => (performance.now() - start) / 1000;
      const deadline = AbortSignal.timeout(request.timeoutMs);
      try {
        const response = await client.request({
          method: request.method,
          url: request.url,
          ...(request.body === null ? {} : { data: request.body, headers: { 'content-type': 'application/json' } }),
          signal: AbortSignal.any([request.signal, deadline]),
        });
        return { kind: 'answer', status: response.status, seconds: seconds() };
      } catch (error) {
        if (request.signal.aborted) return { kind: 'not-sent', why: 'we stopped it' };
        if (deadline.aborted) return { kind: 'no-answer', why: `no answer within ${request.timeoutMs} ms`, seconds: seconds() };
        if (isAxiosError(error) && error.code !== undefined && isOurs(error.code))
          return { kind: 'not-sent', why: error.message };
        return {
          kind: 'no-answer',
          why: isAxiosError(error) ? error.message || (error.code ?? 'no answer') : String(error),
          seconds: seconds(),
        };
      }
    },
  };
}

function isOurs(code: string): boolean {
  return ['ERR_INVALID_URL', 'ERR_BAD_OPTION', 'ERR_BAD_OPTION_VALUE', 'EMFILE', 'ENFILE', 'EADDRNOTAVAIL'].includes(code);
}
