import { Agent, request } from 'node:http';
import { Counter, Histogram, Registry } from 'prom-client';
import { serve } from './http-service.ts';
import { listenAddress, setting } from './settings.ts';
import { untilDone } from './until-done.ts';

/**
 * Customers: payments at a constant arrival rate, whatever the answers. Env: HOST, PORT, TARGETS (urls, comma separated), RATE.
 * An arrival that is late is still sent, and its time counts from when it was due: a stall is never hidden.
 */
const CLIENT_TIMEOUT_MS = 2_000;
const TICK_MS = 5;

const registry = new Registry();
const labels = { service: 'payments-api' };
const requests = new Counter({
  name: 'client_requests_total',
  help: 'Payments as their customers saw them.',
  labelNames: ['service', 'outcome'],
  registers: [registry],
});
const durations = new Histogram({
  name: 'client_request_duration_seconds',
  help: 'Time a customer waited, from when the payment was due; errors count too.',
  labelNames: ['service'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 2.5, 5],
  registers: [registry],
});
for (const outcome of ['ok', 'error']) requests.inc({ ...labels, outcome }, 0);

const targets = setting('TARGETS').split(',');
const intervalMs = 1000 / Number(setting('RATE'));
/** Customers share no connection: behind one address, each payment may meet another replica. */
const agent = new Agent({ keepAlive: false });

function pay(url: string, due: number): void {
  let done = false;
  const finish = (outcome: 'ok' | 'error'): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    requests.inc({ ...labels, outcome });
    durations.observe(labels, (performance.now() - due) / 1000);
  };
  const call = request(`${url}/v1/payments`, { method: 'POST', agent }, (response) => {
    response.on('end', () => finish((response.statusCode ?? 500) < 300 ? 'ok' : 'error'));
    response.on('error', () => finish('error'));
    response.resume();
  });
  const timer = setTimeout(() => {
    finish('error');
    call.destroy();
  }, CLIENT_TIMEOUT_MS);
  call.on('error', () => finish('error'));
  call.end(JSON.stringify({ amount: 1 + Math.round(Math.random() * 100) }));
}

/** Customers come when the shop is open: errors of the stack's own start would count against it. */
async function open(url: string): Promise<void> {
  const { ok, status } = await fetch(`${url}/health/dependencies`);
  if (!ok) throw new Error(`${url} is not ready: ${status}`);
}

await Promise.all(targets.map((url) => untilDone(() => open(url))));
let due = performance.now();
let next = 0;
setInterval(() => {
  for (; due <= performance.now(); due += intervalMs) {
    const target = targets[next % targets.length];
    next += 1;
    if (target !== undefined) pay(target, due);
  }
}, TICK_MS);

await serve({
  service: 'load',
  listen: listenAddress(),
  registry,
  routes: { 'GET /health': async () => ({ status: 200, body: { status: 'up' } }) },
});
