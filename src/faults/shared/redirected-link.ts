import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { endsOf } from './destinations.ts';
import type { Destination } from './destinations.ts';
import type { Baseline, Inspection, Look, PodLink, RelayedLink } from './link.ts';
import { hostPortOf } from './addresses.ts';
import { lookAfterRelay, lookFor, patienceMs } from './link-looks.ts';
import { caller, callerMatch } from './caller.ts';
import type { Caller } from './caller.ts';
import { locate } from './locator.ts';
import { hostPlace } from './network-place.ts';
import type { NetworkPlace } from './network-place.ts';
import { nft, nftProblem, readTable, tryNft } from './nft.ts';
import { resetOpenConnections } from './open-connections.ts';
import { endReady, routesTo, waitingFor } from './redirect-ready.ts';
import type { Ready } from './redirect-ready.ts';
import * as rules from './redirect-rules.ts';
import { endedWithPrepare, endProber, measureFrom, startBesideProber } from './prober.ts';
import { RelayClient, type RelayState, type EchoAnswer, type EchoQuestion, type ExistingConnections } from './relay-client.ts';
import type { Toxic } from './toxic-params.ts';

const locator = z.object({
  addresses: z.array(z.string().regex(/^(\d{1,3}\.){3}\d{1,3}:\d{1,5}$/, 'must be IPv4:PORT')).min(1),
  caller,
});

/** What an armed injection has running beside it. */
interface Armed extends Ready {
  /** Routes to what its names have gained since. */
  readonly gained: rules.Route[];
}

/** A relay on a busy machine hears this much later of a connection that the kernel has opened for it. */
const acceptedWithinMs = 500;

const armed = new Map<string, Armed>();
/** Of injections that are armed, or about to be. */
const relays = new Map<string, Promise<HelperProcess>>();
const readied = new Map<string, Promise<Ready>>();

/** What is redirected, and where. */
export interface Redirect {
  readonly place: NetworkPlace;
  /** For people. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly caller: Caller;
  /** Those of the addresses that the agent's policy does not let it redirect. */
  readonly denied: readonly string[];
}

/** The link as the environment of a host declares it. */
export function redirectOnHost(context: FaultContext, target: TargetRef): Redirect {
  const { addresses, caller } = locate(locator, target);
  const allowed = context.policy.redirect?.allowAddresses ?? [];
  return {
    place: hostPlace(context),
    name: `link ${target.service}/${target.name}`,
    addresses,
    caller,
    denied: addresses.filter((address) => !allowed.includes(address)),
  };
}

/** A link whose caller calls the far end itself: while a fault lasts, the kernel turns its connections into a relay of ours. */
export class RedirectedLink implements RelayedLink, PodLink {
  readonly engine = 'redirect';
  readonly address: string;
  readonly #redirect: Redirect;
  readonly #context: FaultContext;
  readonly #table: string;
  readonly #relay: RelayClient;

  constructor(context: FaultContext, redirect: Redirect) {
    this.address = redirect.addresses[0] ?? '';
    this.#redirect = redirect;
    this.#context = context;
    this.#table = rules.tableOf(context.injectionId);
    this.#relay = new RelayClient(context.injectionId, (message, timeoutMs) => this.#askRelay(message, timeoutMs));
  }

  async check(connections: ExistingConnections): Promise<void> {
    const { place, name, caller, denied } = this.#redirect;
    // An engine is chosen for a pod by what its node's kernel can do.
    const problem = place.isPod ? null : await nftProblem(place);
    if (problem !== null) throw new AppError('part/missing', `${name} is redirected, and ${problem}`);
    if (denied.length > 0) {
      throw new AppError(
        'policy/denied',
        `${name}: ${denied.join(', ')} may not be redirected here. Add it to redirect.allowAddresses in the agent's policy`,
      );
    }
    if (connections === 'slow') {
      throw new AppError(
        'policy/denied',
        `${name} is redirected, and open connections cannot be turned. Write connections: keep, or reset`,
      );
    }
    await callerMatch(this.#context, caller, name);
  }

  async arm(): Promise<void> {
    if (armed.has(this.#context.injectionId)) return;
    const { name, caller } = this.#redirect;
    const ready = await this.#ready();
    armed.set(this.#context.injectionId, { ...ready, gained: [] });
    await ready.making.run(rules.createTable(this.#table, ready.routes, await callerMatch(this.#context, caller, name)));
  }

  async state(): Promise<RelayState | null> {
    return armed.has(this.#context.injectionId) ? this.#relay.state() : null;
  }

  async holder(): Promise<string | null> {
    return (await this.state())?.id ?? null;
  }

  /** First the relay, then the packets: nothing is turned into a relay that does not yet do what was asked. */
  async set(toxic: Toxic, connections: ExistingConnections): Promise<void> {
    const { name, addresses } = this.#redirect;
    await this.#relay.set(toxic, 'keep', name);
    const { routes, opening } = this.#armed();
    await opening.run(rules.openRedirect(this.#table, routes));
    if (connections === 'reset') await this.#reset(addresses);
  }

  async cover(gained: readonly Destination[], connections: ExistingConnections): Promise<void> {
    const { place, name, caller } = this.#redirect;
    const { relay, routes, gained: before } = this.#armed();
    const ends = endsOf(gained).filter((end) => !before.some(({ host, port }) => end === `${host}:${port}`));
    if (ends.length === 0) return;
    const added = await routesTo(relay, ends);
    const match = await callerMatch(this.#context, caller, name);
    await nft(place, rules.extendRedirect(this.#table, routes, { gained: before, added, caller: match }));
    before.push(...added);
    if (connections !== 'reset') return;
    try {
      await this.#reset(ends);
    } catch (error) {
      // It is covered all the same: connections that were open before are what is left out.
      this.#context.log('open connections to what a name has gained were not reset', { problem: messageOf(error) });
    }
  }

  async #reset(addresses: readonly string[]): Promise<void> {
    const { place, caller } = this.#redirect;
    const count = await resetOpenConnections(this.#context, place, addresses, caller);
    this.#context.log('reset open connections of the caller', { count });
  }

  /** The relay is asked first: packets are never kept turned towards one that is dead. */
  async refresh(): Promise<boolean> {
    if (!(await this.#relay.refresh())) return false;
    const { routes, gained } = this.#armed();
    return tryNft(this.#redirect.place, rules.refreshRedirect(this.#table, routes, gained));
  }

  /**
   * In this order, as measured: nothing new is turned; what waits passes; what went through the relay is reset, for its way
   * back goes with the table; then the table. The other way round a request in flight hangs.
   */
  async clear(): Promise<void> {
    const { injectionId } = this.#context;
    await tryNft(this.#redirect.place, rules.closeRedirect(this.#table));
    armed.delete(injectionId);
    await this.#endHelpers();
    await tryNft(this.#redirect.place, rules.deleteTable(this.#table));
  }

  async echo(question: EchoQuestion): Promise<EchoAnswer | null> {
    return armed.has(this.#context.injectionId) ? this.#relay.echo(question) : null;
  }

  /** While armed by a process that the kernel treats as the caller; before and after by the agent, which is never turned. */
  async get(path: string, timeoutMs: number): Promise<number | null> {
    return this.#measure(path, timeoutMs);
  }

  /** There is no relay yet whose echo could be measured. */
  async baseline(path: string | null): Promise<Baseline> {
    if (path === null) return { measurable: false, ms: null };
    const ms = await endedWithPrepare(
      this.#context,
      () => this.#endHelpers(),
      async () => {
        // In a pod it takes a process of its own. What arming needs comes up beside it, and is quiet while it measures.
        if (this.#redirect.place.isPod) await this.#ready();
        return this.#measure(path, patienceMs, 3);
      },
    );
    if (ms === null) await this.#endHelpers();
    return { measurable: true, ms };
  }

  look(toxic: Toxic, baselineMs: number | null, probePath: string | null): Promise<readonly Look[]> {
    return lookFor(this, toxic, baselineMs, probePath);
  }

  lookAfter(toxic: Toxic, baselineMs: number | null, probePath: string | null): Promise<Look> {
    return lookAfterRelay(this, toxic, baselineMs, probePath);
  }

  async inspect(): Promise<Inspection> {
    const table = await readTable(this.#redirect.place, this.#table);
    if (table === null) return { inPath: false, left: null, data: { engine: this.engine } };
    const inPath = table.elements > 0 && (await this.#comesToRelay());
    const connections = (await this.state())?.connections ?? null;
    return {
      inPath,
      left: `table ${this.#table}`,
      data: { engine: this.engine, table: this.#table, redirected: table.elements, turned: table.turned, connections },
    };
  }

  /** Whether a connection that is sent as the caller's are is one that the relay accepts. */
  async #comesToRelay(): Promise<boolean> {
    const before = await this.state();
    if (before === null) return false;
    await this.#measure(null, 1000);
    // The kernel opens a connection for a relay that has yet to hear of it.
    const until = performance.now() + acceptedWithinMs;
    for (;;) {
      const after = await this.state();
      if (after === null || after.accepted > before.accepted) return after !== null;
      if (performance.now() >= until) return false;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #measure(path: string | null, timeoutMs: number, count = 1): Promise<number | null> {
    return measureFrom(this.#context, this.#redirect.place, { ...hostPortOf(this.address), path, timeoutMs, count });
  }

  /** Starting them is the longest part of what comes before an injection. Both, or neither. */
  #startHelpers(): Promise<HelperProcess> {
    const { injectionId } = this.#context;
    const { place } = this.#redirect;
    const config = { group: rules.relayGroup };
    const started = relays.get(injectionId) ?? startBesideProber(this.#context, place, 'redirect-relay', config);
    relays.set(injectionId, started);
    started.catch(() => relays.get(injectionId) === started && relays.delete(injectionId));
    return started;
  }

  /** Once. */
  #ready(): Promise<Ready> {
    const { injectionId } = this.#context;
    const { place, addresses } = this.#redirect;
    const readying = readied.get(injectionId) ?? this.#startHelpers().then((relay) => waitingFor(relay, place, addresses));
    readied.set(injectionId, readying);
    readying.catch(() => readied.get(injectionId) === readying && readied.delete(injectionId));
    return readying;
  }

  async #endHelpers(): Promise<void> {
    const { injectionId } = this.#context;
    const [readying, started] = [readied.get(injectionId), relays.get(injectionId)];
    // At once: what is started while these end is not of this end, and has its own.
    readied.delete(injectionId);
    relays.delete(injectionId);
    await Promise.all([endProber(this.#context), endReady(readying, started)]);
  }

  async #askRelay(message: JsonObject, timeoutMs: number): Promise<JsonObject> {
    const { answer } = await this.#armed().relay.ask({ op: 'relay', message }, timeoutMs);
    return answer as JsonObject;
  }

  #armed(): Armed {
    const found = armed.get(this.#context.injectionId);
    if (found !== undefined) return found;
    throw new AppError('part/died', `${this.#redirect.name} has no relay in this agent any more`);
  }
}
