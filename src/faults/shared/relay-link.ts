import { z } from 'zod';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import type { Inspection, Link } from './link.ts';
import { locate } from './locator.ts';
import { RelayClient, type RelayState, type EchoAnswer, type EchoQuestion, type ExistingConnections } from './relay-client.ts';
import type { Toxic } from './toxic-params.ts';

const locator = z.object({ listen: z.string(), control: z.string() });

/** A link whose caller calls a relay that always runs; it is asked over its control socket. */
export class RelayLink implements Link {
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
    if ((await this.state()) === null) {
      throw new AppError('part/missing', `no relay runs for link ${this.#name}. Start it, then run again`);
    }
  }

  async arm(): Promise<void> {}

  state(): Promise<RelayState | null> {
    return this.#relay.state();
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
    return getMs(this.#context, `http://${this.address}${path}`, timeoutMs);
  }

  async inspect(): Promise<Inspection> {
    return { inPath: true, left: null, data: { engine: this.engine } };
  }
}

/** Milliseconds of one GET; null when nothing came back in time. */
export async function getMs(context: FaultContext, url: string, timeoutMs: number): Promise<number | null> {
  try {
    return (await context.host.http({ method: 'GET', url }, { timeoutMs })).elapsedMs;
  } catch (error) {
    if (isAppError(error) && error.code === 'upstream/unreachable') return null;
    throw error;
  }
}
