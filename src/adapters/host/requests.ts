import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import { AppError, messageOf } from '../../domain/errors.ts';

/** One request on a connection of its own, so that its time is the path's and not a pool's. Errors: `upstream/unreachable`. */
export async function sendRequest(
  request: { readonly method: string; readonly url: string; readonly body?: string },
  options: { timeoutMs?: number; maxOutputBytes?: number; signal?: AbortSignal } = {},
): Promise<{ status: number; body: string; elapsedMs: number }> {
  const { timeoutMs = 5000, maxOutputBytes = 64 * 1024, signal } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const startedAt = performance.now();
  try {
    const response = await axios.request<string>({
      method: request.method,
      url: request.url,
      data: request.body,
      headers: request.body === undefined ? {} : { 'content-type': 'application/json' },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      maxContentLength: maxOutputBytes,
      maxRedirects: 0,
      proxy: false,
      responseType: 'text',
      transformResponse: (body: string) => body,
      validateStatus: () => true,
      httpAgent: new HttpAgent({ keepAlive: false }),
      httpsAgent: new HttpsAgent({ keepAlive: false }),
    });
    return { status: response.status, body: response.data, elapsedMs: performance.now() - startedAt };
  } catch (error) {
    const problem = timeout.aborted ? `no answer in ${timeoutMs} ms` : messageOf(error);
    throw new AppError('upstream/unreachable', `${request.method} ${request.url}: ${problem}. Check that it runs`, {
      cause: error,
    });
  }
}
