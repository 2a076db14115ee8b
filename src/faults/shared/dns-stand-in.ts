import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { createDnsTable } from './dns-rules.ts';
import { lookUp } from './dns-look.ts';
import type { LookUp } from './dns-look.ts';
import { GatedTable } from './gated-table.ts';
import type { PodNetwork } from './pod-network.ts';
import { endProber, startBesideProber, withProber } from './prober.ts';
import { relayGroup, tableOf } from './redirect-rules.ts';

export type DnsRule = {
  readonly answer: 'nxdomain' | 'servfail' | 'timeout' | 'latency';
  readonly delayMs: number;
  readonly names: string[];
};

const running = new Map<string, HelperProcess>();
const ports = z.object({ ports: z.array(z.object({ udp: z.number(), tcp: z.number() })) });
const counts = z.object({ held: z.boolean(), asked: z.number(), matched: z.number() });

/** The stand-in drops a rule that was not refreshed for this long: a dead or frozen agent leaves nothing behind. */
const ttlMs = 2000;

/** A stand-in for a pod's resolvers, and the kernel's rules that turn the pod's questions to it for a while. */
export class DnsStandIn {
  readonly #context: FaultContext;
  readonly #place: PodNetwork;
  readonly #resolvers: readonly string[];
  readonly #name: string;
  readonly #table: GatedTable;

  constructor(context: FaultContext, place: PodNetwork, resolvers: readonly string[]) {
    this.#context = context;
    this.#place = place;
    this.#resolvers = resolvers;
    this.#name = tableOf(context.injectionId);
    this.#table = new GatedTable(context, place, this.#name);
  }

  async arm(): Promise<void> {
    if (running.has(this.#context.injectionId)) return;
    const resolvers = this.#resolvers.map((host) => ({ host, port: 53 }));
    const proxy = await startBesideProber(this.#context, this.#place, 'dns-proxy', { resolvers, group: relayGroup });
    running.set(this.#context.injectionId, proxy);
    const { ports: found } = ports.parse(await proxy.ask({ op: 'ports' }));
    const routes = this.#resolvers.map((address, index) => ({
      address,
      udpPort: found[index]?.udp ?? 0,
      tcpPort: found[index]?.tcp ?? 0,
    }));
    await this.#table.create(createDnsTable(this.#name, routes));
  }

  /** First the rule, then the questions: nothing is turned to what does not yet do what was asked. */
  async on(rule: DnsRule): Promise<void> {
    const proxy = this.#running();
    this.#context.signal.throwIfAborted();
    await proxy.ask({ op: 'set', ...rule, ttlMs });
    await this.#table.open(async () => (await proxy.ask({ op: 'refresh', ttlMs }, 1000))['ok'] === true);
  }

  /** Nothing new is turned; what still comes passes; with the table goes the way back of what was turned; then the stand-in. */
  async off(): Promise<void> {
    const { injectionId } = this.#context;
    await this.#table.close();
    const found = running.get(injectionId);
    running.delete(injectionId);
    await found?.ask({ op: 'end' }, 1000).catch(() => {});
    await this.#table.delete();
    await Promise.all([found?.stop(), endProber(this.#context)]);
  }

  /** null: no stand-in of this agent runs. */
  async counts(): Promise<z.infer<typeof counts> | null> {
    const found = running.get(this.#context.injectionId);
    return found === undefined ? null : counts.parse(await found.ask({ op: 'get' }, 1000));
  }

  read(): ReturnType<GatedTable['read']> {
    return this.#table.read();
  }

  /** To the pod's first resolver, as the pod would ask. */
  async lookUp(name: string, timeoutMs: number): Promise<LookUp> {
    const question = { name, server: this.#resolvers[0] ?? '', timeoutMs };
    return withProber(this.#context, this.#place, (prober) => lookUp(prober, question));
  }

  get tableName(): string {
    return this.#name;
  }

  #running(): HelperProcess {
    const found = running.get(this.#context.injectionId);
    if (found !== undefined) return found;
    throw new AppError('part/died', `injection "${this.#context.injectionId}" has no stand-in for DNS in this agent any more`);
  }
}
