import { setTimeout as sleep } from 'node:timers/promises';
import { serveHelper } from '../helper-loop.ts';
import { answerTo } from '../relay/commands.ts';
import type { RelayMessage } from '../relay/message.ts';
import { Relay } from '../relay/relay.ts';
import type { Address } from '../relay/relay.ts';
import { RoundTrip } from '../relay/round-trip.ts';

interface Config {
  readonly group: number;
}

type Message =
  | { readonly op: 'listen'; readonly upstreams: readonly Address[] }
  | { readonly op: 'relay'; readonly message: RelayMessage }
  | { readonly op: 'end' };

/** Longer than a redirect lives that nobody keeps alive: until it has ended, connections still come, and pass. */
const lingerMs = 3000;

const relay = new Relay();
/** By `HOST:PORT` of the far end. */
const listening = new Map<string, number>();
let ended = false;

/** A relay of the agent's own, for packets that are redirected to it: one port for each address of the far end. */
serveHelper<Config, Message>(
  async ({ group }) => {
    // The kernel's rules leave this group alone, or our own connections would come back to us.
    process.setegid?.(group);
    const roundTrip = await RoundTrip.through(relay);
    return async (asked) => {
      if (asked.op === 'listen') return { ports: await portsFor(asked.upstreams) };
      // In an envelope: the relay's language has ids of its own.
      if (asked.op === 'relay') return { answer: await answerTo(asked.message, relay, roundTrip) };
      ended = true;
      relay.endToxic();
      relay.close();
      return {};
    };
  },
  async () => {
    relay.endToxic();
    if (!ended) await sleep(lingerMs);
  },
);

/** Of an end that is asked for again, the same. */
async function portsFor(upstreams: readonly Address[]): Promise<number[]> {
  const ports: number[] = [];
  for (const upstream of upstreams) {
    const name = `${upstream.host}:${upstream.port}`;
    const port = listening.get(name) ?? (await relay.listen({ host: '127.0.0.1', port: 0 }, [upstream]));
    listening.set(name, port);
    ports.push(port);
  }
  return ports;
}
