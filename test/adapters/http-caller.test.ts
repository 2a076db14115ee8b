import { afterEach, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { createHttpCaller } from '../../src/adapters/http/http-caller.ts';
import { startUpstream } from './loopback-upstream.ts';
import type { LoopbackUpstream } from './loopback-upstream.ts';

let server: LoopbackUpstream | undefined;
afterEach(async () => server?.close());

const request = { method: 'GET', body: null, timeoutMs: 2000, signal: new AbortController().signal } as const;

test('an answer of any status is an answer, and a redirect is not followed', async () => {
  server = await startUpstream({
    '/broken': (response: ServerResponse) => response.writeHead(503).end(),
    '/moved': (response: ServerResponse) => response.writeHead(302, { location: '/broken' }).end(),
  });
  const caller = createHttpCaller();
  expect(await caller.call({ ...request, url: `${server.url}/broken` })).toMatchObject({ kind: 'answer', status: 503 });
  expect(await caller.call({ ...request, url: `${server.url}/moved` })).toMatchObject({ kind: 'answer', status: 302 });
});

test('silence and a closed port are what a user sees: no answer', async () => {
  server = await startUpstream({ '/silent': () => undefined });
  const caller = createHttpCaller();
  expect(await caller.call({ ...request, url: `${server.url}/silent`, timeoutMs: 50 })).toMatchObject({ kind: 'no-answer' });
  expect(await caller.call({ ...request, url: 'http://127.0.0.1:1/' })).toMatchObject({ kind: 'no-answer' });
});

test('a request that we stopped says nothing about the target', async () => {
  server = await startUpstream({ '/silent': () => undefined });
  expect(await createHttpCaller().call({ ...request, url: `${server.url}/silent`, signal: AbortSignal.abort() })).toMatchObject({
    kind: 'not-sent',
  });
});
