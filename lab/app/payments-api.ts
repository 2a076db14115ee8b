import { Registry } from 'prom-client';
import { createAuditJournal } from './audit-journal.ts';
import { createFraudCheck } from './fraud-check.ts';
import { type Answer, serve } from './http-service.ts';
import { createPaymentStore } from './payment-store.ts';
import { listenAddress, setting } from './settings.ts';
import { untilDone } from './until-done.ts';

/** One replica of payments-api. Env: NAME, HOST, PORT, DATABASE_URL, FRAUD_URL, AUDIT_FILE. */
const registry = new Registry();
const store = createPaymentStore(setting('DATABASE_URL'), registry);
const fraud = createFraudCheck(setting('FRAUD_URL'), registry);
const journal = createAuditJournal(setting('AUDIT_FILE'), registry);

/** Each dependency's failure is a 503 that names it, so that a responder sees which one it was. */
async function needing<T>(dependency: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw Object.assign(new Error(error instanceof Error ? error.message : String(error)), { dependency });
  }
}

async function orUnavailable(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const { dependency, message } = error as Error & { dependency?: string };
    if (dependency === undefined) throw error;
    return { status: 503, body: { error: `${dependency}: ${message}`, dependency } };
  }
}

async function pay(body: unknown): Promise<Answer> {
  const amount = Number((body as { amount?: unknown } | null)?.amount);
  if (!Number.isFinite(amount) || amount <= 0) return { status: 400, body: { error: 'amount must be a number above 0' } };
  return orUnavailable(async () => {
    const verdict = await needing('fraud-detector', fraud.screen(amount));
    const id = await needing('database', store.write(amount, verdict));
    await needing('audit', journal.append({ at: new Date().toISOString(), id, amount, verdict }));
    return { status: 201, body: { id, verdict } };
  });
}

async function dependencies(): Promise<Answer> {
  const checks = { database: store.ping(), 'fraud-detector': fraud.ping(), audit: journal.usedRatio() };
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [
      name,
      await check.then(
        (value) => ({ ok: true, value }),
        (error: Error) => ({ ok: false, error: error.message }),
      ),
    ]),
  );
  const body = Object.fromEntries(entries) as Record<string, { ok: boolean }>;
  return { status: Object.values(body).every(({ ok }) => ok) ? 200 : 503, body };
}

const deep = (): Promise<Answer> =>
  orUnavailable(async () => {
    const verdict = await needing('fraud-detector', fraud.screen(1));
    await needing('database', store.rehearse());
    await needing('audit', journal.append({ at: new Date().toISOString(), rehearsal: true }));
    return { status: 200, body: { status: 'ok', verdict } };
  });

await untilDone(() => store.prepare());
await serve({
  service: 'payments-api',
  listen: listenAddress(),
  registry,
  routes: {
    'GET /health': async () => ({ status: 200, body: { status: 'up', name: setting('NAME') } }),
    'GET /ready': () =>
      orUnavailable(async () => {
        await needing('database', store.ping());
        return { status: 200, body: { status: 'ready' } };
      }),
    'GET /health/dependencies': dependencies,
    'GET /health/deep': deep,
    'POST /v1/payments': pay,
    'POST /v1/test': deep,
    'GET /admin/fallback': async () => ({ status: 200, body: { enabled: fraud.fallback } }),
    'POST /admin/fallback': async (body) => {
      const enabled = (body as { enabled?: unknown } | null)?.enabled;
      if (typeof enabled !== 'boolean') return { status: 400, body: { error: 'enabled must be true or false' } };
      fraud.setFallback(enabled);
      return { status: 200, body: { enabled } };
    },
  },
});
