import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
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
    const response = await axios.request<Readable>({
      method: request.method,
      url: request.url,
      data: request.body,
      headers: request.body === undefined ? {} : { 'content-type': 'application/json' },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      maxRedirects: 0,
      proxy: false,
      responseType: 'stream',
      validateStatus: () => true,
      httpAgent: new HttpAgent({ keepAlive: false }),
      httpsAgent: new HttpsAgent({ keepAlive: false }),
    });
    const body = await textOf(response.data, maxOutputBytes);
    return { status: response.status, body, elapsedMs: performance.now() - startedAt };
  } catch (error) {
    const problem = timeout.aborted ? `no answer in ${timeoutMs} ms` : messageOf(error);
    throw new AppError('upstream/unreachable', `${request.method} ${request.url}: ${problem}. Check that it runs`, {
      cause: error,
    });
  }
}

/** The beginning of it; what is too much is not read. */
async function textOf(body: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let kept = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, maxBytes - kept));
    kept += chunk.length;
    if (kept >= maxBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
