import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';
import { HeldRule } from './rule.ts';
import { serveTcp } from './tcp.ts';
import { serveUdp } from './udp.ts';

const config = z.strictObject({
  resolvers: z.array(z.object({ host: z.string(), port: z.number() })).min(1),
  group: z.int().positive(),
});

const message = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('ports') }),
  z.strictObject({
    op: z.literal('set'),
    answer: z.enum(['nxdomain', 'servfail', 'timeout', 'latency']),
    delayMs: z.number().min(0),
    names: z.array(z.string()).min(1),
    ttlMs: z.number().positive(),
  }),
  z.strictObject({ op: z.literal('refresh'), ttlMs: z.number().positive() }),
  z.strictObject({ op: z.literal('get') }),
  z.strictObject({ op: z.literal('end') }),
]);

/** Longer than questions still come once nobody keeps them turned: until then they pass. */
const lingerMs = 3000;
const rule = new HeldRule();
let ended = false;

/** A resolver's stand-in for the time of a fault: one UDP and one TCP port for each resolver that questions were meant for. */
serveHelper(
  async (given) => {
    const { resolvers, group } = config.parse(given);
    // The kernel's rules leave this group alone, or our own questions would come back to us.
    process.setegid?.(group);
    const ports = await Promise.all(
      resolvers.map(async (resolver) => ({
        udp: (await serveUdp(resolver, rule)).port,
        tcp: (await serveTcp(resolver, rule)).port,
      })),
    );
    return async (asked) => {
      const given = message.parse(asked);
      switch (given.op) {
        case 'ports':
          return { ports };
        case 'set':
          rule.set(given, given.ttlMs);
          return {};
        case 'refresh':
          return { ok: rule.refresh(given.ttlMs) };
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
