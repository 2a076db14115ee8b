import { Registry } from 'prom-client';
import { serve } from './http-service.ts';
import { listenAddress } from './settings.ts';

/** Judges a payment in a few milliseconds. Env: HOST, PORT. */
const registry = new Registry();

await serve({
  service: 'fraud-detector',
  listen: listenAddress(),
  registry,
  routes: {
    'GET /health': async () => ({ status: 200, body: { status: 'up' } }),
    'GET /ready': async () => ({ status: 200, body: { status: 'ready' } }),
    'POST /v1/check': async (body) => {
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 3));
      const amount = Number((body as { amount?: unknown } | null)?.amount ?? 0);
      return { status: 200, body: { verdict: amount > 10_000 ? 'review' : 'pass' } };
    },
  },
});
