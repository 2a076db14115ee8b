import { setTimeout as sleep } from 'node:timers/promises';
import { serveHelper } from '../helper-loop.ts';
import { HeldRule } from './rule.ts';
import type { Rule } from './rule.ts';
import { serveTcp } from './tcp.ts';
import { serveUdp } from './udp.ts';

interface Config {
  readonly resolvers: readonly { readonly host: string; readonly port: number }[];
  readonly group: number;
}

type Message =
  | ({ readonly op: 'set'; readonly ttlMs: number } & Rule)
  | { readonly op: 'refresh'; readonly ttlMs: number }
  | { readonly op: 'ports' | 'get' | 'end' };

/** Longer than questions still come once nobody keeps them turned: until then they pass. */
const lingerMs = 3000;
const rule = new HeldRule();
let ended = false;

/** A resolver's stand-in for the time of a fault: one UDP and one TCP port for each resolver that questions were meant for. */
serveHelper<Config, Message>(
  async ({ resolvers, group }) => {
    // The kernel's rules leave this group alone, or our own questions would come back to us.
    process.setegid?.(group);
    const ports = await Promise.all(
      resolvers.map(async (resolver) => ({
        udp: (await serveUdp(resolver, rule)).port,
        tcp: (await serveTcp(resolver, rule)).port,
      })),
    );
    return async (asked) => {
      switch (asked.op) {
        case 'ports':
          return { ports };
        case 'set':
          rule.set(asked, asked.ttlMs);
          return {};
        case 'refresh':
          return { ok: rule.refresh(asked.ttlMs) };
        case 'get':
          return { held: rule.isHeld, ...rule.counts };
        case 'end':
          ended = true;
          rule.end();
          return {};
      }
    };
  },
  async () => {
    rule.end();
    if (!ended) await sleep(lingerMs);
  },
);
