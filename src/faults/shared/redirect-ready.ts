import { z } from 'zod';
import type { HelperProcess } from '../fault.ts';
import { hostPortOf } from './addresses.ts';
import type { NetworkPlace } from './network-place.ts';
import { readyNft } from './nft.ts';
import type { ReadyNft } from './nft.ts';
import type { Route } from './redirect-rules.ts';

/** What waits to be armed: all that takes time, and nothing that turns a packet. */
export interface Ready {
  readonly relay: HelperProcess;
  readonly routes: readonly Route[];
  /** What makes the table, and what opens it. */
  readonly making: ReadyNft;
  readonly opening: ReadyNft;
}

/** Errors: `part/died` of the relay. Nothing of it waits then. */
export async function waitingFor(relay: HelperProcess, place: NetworkPlace, addresses: readonly string[]): Promise<Ready> {
  // Asked first: it opens its ports while these start.
  const routes = routesTo(relay, addresses);
  const [making, opening] = [readyNft(place), readyNft(place)];
  try {
    return { relay, routes: await routes, making, opening };
  } catch (error) {
    making.drop();
    opening.drop();
    throw error;
  }
}

/** The relay listens for each of them, once. */
export async function routesTo(relay: HelperProcess, addresses: readonly string[]): Promise<Route[]> {
  const upstreams = addresses.map(hostPortOf);
  const { ports } = z.object({ ports: z.array(z.number()) }).parse(await relay.ask({ op: 'listen', upstreams }));
  return upstreams.map((upstream, index) => ({ ...upstream, relayPort: ports[index] ?? 0 }));
}

/** Ends the relay, and what waits beside it. What could not be made ready needs no end: who asked for it has heard why. */
export async function endReady(readying: Promise<Ready> | undefined, started: Promise<HelperProcess> | undefined): Promise<void> {
  const ready = await readying?.catch(() => undefined);
  ready?.making.drop();
  ready?.opening.drop();
  const relay = await started?.catch(() => undefined);
  if (relay !== undefined) await endRelay(relay);
}

/** What still waits passes, then every connection is reset. One that does not answer is killed: the table must go. */
async function endRelay(relay: HelperProcess): Promise<void> {
  await relay.ask({ op: 'end' }, 1000).catch(() => {});
  await relay.stop();
}
