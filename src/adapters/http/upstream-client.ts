import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { isAxiosError } from 'axios';
import type { AxiosInstance } from 'axios';
import { AppError, isAppError, messageOf } from '../../domain/errors.ts';

/** One instance per upstream: connections are kept, so that asking every second costs no handshake and no ports. */
export function createUpstreamClient(baseURL: string, timeoutMs: number): AxiosInstance {
  return axios.create({
    baseURL,
    timeout: timeoutMs,
    proxy: false,
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
  });
}

/** 4xx: asking again will not help. Everything else may pass. */
export function upstreamError(upstream: string, fullUrl: string, error: unknown): AppError {
  const url = withoutCredentials(fullUrl);
  if (isAppError(error)) return error;
  const status = isAxiosError(error) ? error.response?.status : undefined;
  const said = isAxiosError(error) ? textOf(error.response?.data) : '';
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return new AppError(
      'upstream/refused',
      `${upstream} at ${url} refused (${status}): ${said || 'no reason given'}. Check the query or the credentials`,
      {
        details: { url, status },
        cause: plainCause(error),
      },
    );
  }
  const why = status === undefined ? messageOf(error) || 'connection failed' : `status ${status} ${said}`.trim();
  return new AppError(
    'upstream/unreachable',
    `${upstream} at ${url} did not answer: ${why}. Check that it runs and can be reached`,
    {
      details: { url },
      cause: plainCause(error),
    },
  );
}

/** A URL for people to read: credentials in it must not reach a message. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//');
}

function textOf(data: unknown): string {
  if (typeof data === 'string') return data.slice(0, 300);
  if (typeof data === 'object' && data !== null && 'error' in data) return String(data.error).slice(0, 300);
  return '';
}

/** An axios error carries the whole request, with its credentials: it must not reach a log. */
function plainCause(error: unknown): unknown {
  return isAxiosError(error) ? new Error(error.message) : error;
}
