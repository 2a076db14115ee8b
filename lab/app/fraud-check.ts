import CircuitBreaker from 'opossum';
import { Counter, Gauge, type Registry } from 'prom-client';

const TIMEOUT_MS = 3_000;

/** The way to fraud-detector: a timeout, a circuit breaker, and a fallback that a responder may switch on. */
export interface FraudCheck {
  /** `unscreened` while the fallback is on. Throws when fraud-detector fails, is too slow, or the breaker is open. */
  screen(amount: number): Promise<string>;
  /** One question past breaker and fallback: is fraud-detector there? Milliseconds. */
  ping(): Promise<number>;
  setFallback(enabled: boolean): void;
  readonly fallback: boolean;
}

export function createFraudCheck(url: string, registry: Registry): FraudCheck {
  let fallback = false;
  const unscreened = new Counter({
    name: 'payments_unscreened_total',
    help: 'Payments accepted without asking fraud-detector.',
    registers: [registry],
  });
  const breaker = new CircuitBreaker((amount: number) => ask(url, amount), {
    timeout: TIMEOUT_MS,
    errorThresholdPercentage: 50,
    rollingCountTimeout: 10_000,
    resetTimeout: 30_000,
    // Without it one failed first request would open the breaker.
    volumeThreshold: 10,
  });
  new Gauge({
    name: 'circuit_breaker_state',
    help: '0 closed, 0.5 half open, 1 open.',
    labelNames: ['breaker'],
    registers: [registry],
    collect() {
      this.set({ breaker: 'fraud-detector' }, breaker.opened ? 1 : breaker.halfOpen ? 0.5 : 0);
    },
  });
  new Gauge({
    name: 'fallback_enabled',
    help: '1 while payments are accepted without fraud-detector.',
    registers: [registry],
    collect() {
      this.set(fallback ? 1 : 0);
    },
  });

  return {
    async screen(amount) {
      if (!fallback) return breaker.fire(amount);
      unscreened.inc();
      return 'unscreened';
    },
    async ping() {
      const started = performance.now();
      await ask(url, 0);
      return performance.now() - started;
    },
    setFallback(enabled) {
      fallback = enabled;
    },
    get fallback() {
      return fallback;
    },
  };
}

async function ask(url: string, amount: number): Promise<string> {
  const response = await fetch(`${url}/v1/check`, {
    method: 'POST',
    body: JSON.stringify({ amount }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`fraud-detector answered ${response.status}`);
  return ((await response.json()) as { verdict: string }).verdict;
}
