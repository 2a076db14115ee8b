import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import type { Inspection, Link } from './link.ts';
import { caller, callerMatch } from './caller.ts';
import type { Caller } from './caller.ts';
import { locate } from './locator.ts';
import { nft, nftProblem, readTable, tryNft } from './nft.ts';
import { resetOpenConnections } from './open-connections.ts';
import * as rules from './redirect-rules.ts';
import { RelayClient, type RelayState, type EchoAnswer, type EchoQuestion, type ExistingConnections } from './relay-client.ts';
import { getMs } from './relay-link.ts';
import type { Toxic } from './toxic-params.ts';

const locator = z.object({
  addresses: z.array(z.string().regex(/^(\d{1,3}\.){3}\d{1,3}:\d{1,5}$/, 'must be IPv4:PORT')).min(1),
  caller,
});

/** What an armed injection has running beside it. */
interface Armed {
  readonly relay: HelperProcess;
  readonly prober: HelperProcess;
  readonly routes: readonly rules.Route[];
}

const armed = new Map<string, Armed>();

/** A link whose caller calls the far end itself: while a fault lasts, the kernel turns its connections into a relay of ours. */
export class RedirectedLink implements Link {
  readonly engine = 'redirect';
  readonly address: string;
  readonly #addresses: readonly string[];
  readonly #caller: Caller;
  readonly #context: FaultContext;
  readonly #name: string;
  readonly #table: string;
  readonly #relay: RelayClient;

  constructor(context: FaultContext, target: TargetRef) {
    const { addresses, caller } = locate(locator, target);
    this.address = addresses[0] ?? '';
    this.#addresses = addresses;
    this.#caller = caller;
    this.#context = context;
    this.#name = `link ${target.service}/${target.name}`;
    this.#table = rules.tableOf(context.injectionId);
    this.#relay = new RelayClient(context.injectionId, (message, timeoutMs) => this.#askRelay(message, timeoutMs));
  }

  async check(connections: ExistingConnections): Promise<void> {
    const problem = await nftProblem(this.#context);
    if (problem !== null) throw new AppError('part/missing', `${this.#name} is redirected, and ${problem}`);
    const allowed = this.#context.policy.redirect?.allowAddresses ?? [];
    const denied = this.#addresses.filter((address) => !allowed.includes(address));
    if (denied.length > 0) {
      throw new AppError(
        'policy/denied',
        `${this.#name}: ${denied.join(', ')} may not be redirected here. Add it to redirect.allowAddresses in the agent's policy`,
      );
    }
    if (connections === 'slow') {
      throw new AppError(
        'policy/denied',
        `${this.#name} is redirected, and open connections cannot be turned. Write connections: keep, or reset`,
      );
    }
    await callerMatch(this.#context, this.#caller, this.#name);
  }

  async arm(): Promise<void> {
    if (armed.has(this.#context.injectionId)) return;
    const { host, injectionId } = this.#context;
    const upstreams = this.#addresses.map(addressOf);
    const relay = await host.startHelper('redirect-relay', [], { upstreams, group: rules.relayGroup });
    const prober = await host.startHelper('link-prober', [], { group: rules.proberGroup }).catch(async (error: unknown) => {
      await relay.stop();
      throw error;
    });
    const { ports } = z.object({ ports: z.array(z.number()) }).parse(await relay.ask({ op: 'ports' }));
    const routes = upstreams.map((upstream, index) => ({ ...upstream, relayPort: ports[index] ?? 0 }));
    armed.set(injectionId, { relay, prober, routes });
    await nft(this.#context, rules.createTable(this.#table, routes, await callerMatch(this.#context, this.#caller, this.#name)));
  }

  async state(): Promise<RelayState | null> {
    return armed.has(this.#context.injectionId) ? this.#relay.state() : null;
  }

  /** First the relay, then the packets: nothing is turned into a relay that does not yet do what was asked. */
  async set(toxic: Toxic, connections: ExistingConnections): Promise<void> {
    await this.#relay.set(toxic, 'keep', this.#name);
    await nft(this.#context, rules.openRedirect(this.#table, this.#armed().routes));
    if (connections !== 'reset') return;
    const count = await resetOpenConnections(this.#context, this.#addresses, this.#caller);
    this.#context.log('reset open connections of the caller', { count });
  }

  /** The relay is asked first: packets are never kept turned towards one that is dead. */
  async refresh(): Promise<boolean> {
    return (
      (await this.#relay.refresh()) && (await tryNft(this.#context, rules.refreshRedirect(this.#table, this.#armed().routes)))
    );
  }

  /**
   * In this order, as measured: nothing new is turned; what waits passes; what went through the relay is reset, for its way
   * back goes with the table; then the table. The other way round a request in flight hangs.
   */
  async clear(): Promise<void> {
    const { injectionId } = this.#context;
    await tryNft(this.#context, rules.closeRedirect(this.#table));
    const running = armed.get(injectionId);
    armed.delete(injectionId);
    await Promise.all([running === undefined ? null : endRelay(running.relay), running?.prober.stop()]);
    await tryNft(this.#context, rules.deleteTable(this.#table));
  }

  async echo(question: EchoQuestion): Promise<EchoAnswer | null> {
    return armed.has(this.#context.injectionId) ? this.#relay.echo(question) : null;
  }

  /** While armed by a process that the kernel treats as the caller; before and after by the agent, which is never turned. */
  async get(path: string, timeoutMs: number): Promise<number | null> {
    const { prober } = armed.get(this.#context.injectionId) ?? {};
    if (prober !== undefined) return this.#probe(prober, path, timeoutMs);
    return getMs(this.#context, `http://${this.address}${path}`, timeoutMs);
  }

  async inspect(): Promise<Inspection> {
    const table = await readTable(this.#context, this.#table);
    if (table === null) return { inPath: false, left: null, data: { engine: this.engine } };
    const inPath = table.elements > 0 && (await this.#comesToRelay());
    return {
      inPath,
      left: `table ${this.#table}`,
      data: { engine: this.engine, table: this.#table, redirected: table.elements, turned: table.turned },
    };
  }

  /** Whether a connection that is sent as the caller's are is one that the relay accepts. */
  async #comesToRelay(): Promise<boolean> {
    const { prober } = armed.get(this.#context.injectionId) ?? {};
    const before = await this.state();
    if (prober === undefined || before === null) return false;
    await this.#probe(prober, null, 1000);
    const after = await this.state();
    return after !== null && after.accepted > before.accepted;
  }

  async #probe(prober: HelperProcess, path: string | null, timeoutMs: number): Promise<number | null> {
    const asked = { ...addressOf(this.address), path, timeoutMs };
    return z.object({ elapsedMs: z.number().nullable() }).parse(await prober.ask(asked, timeoutMs + 1000)).elapsedMs;
  }

  async #askRelay(message: JsonObject, timeoutMs: number): Promise<JsonObject> {
    const { answer } = await this.#armed().relay.ask({ op: 'relay', message }, timeoutMs);
    return answer as JsonObject;
  }

  #armed(): Armed {
    const found = armed.get(this.#context.injectionId);
    if (found !== undefined) return found;
    throw new AppError('part/died', `${this.#name} has no relay in this agent any more`);
  }
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [host = '', port = ''] = text.split(':');
  return { host, port: Number(port) };
}

/** What still waits passes, then every connection is reset. One that does not answer is killed: the table must go. */
async function endRelay(relay: HelperProcess): Promise<void> {
  await relay.ask({ op: 'end' }, 1000).catch(() => {});
  await relay.stop();
}
