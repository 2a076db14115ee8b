import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import { getMs } from './network-place.ts';
import type { Baseline, Inspection, Look, RelayedLink } from './link.ts';
import { lookAfterRelay, lookFor, measureRoundTrip, patienceMs } from './link-looks.ts';
import { locate } from './locator.ts';
import { quickest } from './round-trip.ts';
import { RelayClient, type RelayState, type EchoAnswer, type EchoQuestion, type ExistingConnections } from './relay-client.ts';
import type { Toxic } from './toxic-params.ts';

const locator = z.object({ listen: z.string(), control: z.string() });

/** A link whose caller calls a relay that always runs; it is asked over its control socket. */
export class RelayLink implements RelayedLink {
  readonly engine = 'relay';
  readonly address: string;
  readonly #context: FaultContext;
  readonly #name: string;
  readonly #relay: RelayClient;

  constructor(context: FaultContext, target: TargetRef) {
    const { listen, control } = locate(locator, target);
    this.address = listen;
    this.#context = context;
    this.#name = `${target.service}/${target.name}`;
    this.#relay = new RelayClient(context.injectionId, (message, timeoutMs) =>
      context.host.askSocket(control, message, timeoutMs),
    );
  }

  async check(): Promise<void> {
    const state = await this.state();
    if (state === null) throw new AppError('part/missing', `no relay runs for link ${this.#name}. Start it, then run again`);
    if (state.id === null || state.id === this.#context.injectionId) return;
    throw new AppError('claim/taken', `link ${this.address} is held by ${state.id}. Wait for it, or revert that injection`);
  }

  async arm(): Promise<void> {}

  state(): Promise<RelayState | null> {
    return this.#relay.state();
  }

  async holder(): Promise<string | null> {
    return (await this.state())?.id ?? null;
  }

  set(toxic: Toxic, connections: ExistingConnections): Promise<void> {
    return this.#relay.set(toxic, connections, `link ${this.address}`);
  }

  refresh(): Promise<boolean> {
    return this.#relay.refresh();
  }

  /** Connections stay open. */
  clear(): Promise<void> {
    return this.#relay.clear('keep');
  }

  echo(question: EchoQuestion): Promise<EchoAnswer | null> {
    return this.#relay.echo(question);
  }

  async get(path: string, timeoutMs: number): Promise<number | null> {
    return getMs(this.#context.host, `http://${this.address}${path}`, timeoutMs);
  }

  async baseline(probePath: string | null): Promise<Baseline> {
    const ms = await quickest(3, async () => (await measureRoundTrip(this, probePath, patienceMs)).elapsedMs);
    return { measurable: true, ms };
  }

  look(toxic: Toxic, baselineMs: number | null, probePath: string | null): Promise<readonly Look[]> {
    return lookFor(this, toxic, baselineMs, probePath);
  }

  lookAfter(toxic: Toxic, baselineMs: number | null, probePath: string | null): Promise<Look> {
    return lookAfterRelay(this, toxic, baselineMs, probePath);
  }

  async inspect(): Promise<Inspection> {
    const state = await this.state();
    const left = state?.id === this.#context.injectionId ? 'our toxic' : null;
    return { inPath: true, left, data: { engine: this.engine, connections: state?.connections ?? null } };
  }
}
