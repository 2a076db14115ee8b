import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Json } from '../../domain/json.ts';
import type { NetworkPlace } from './network-place.ts';
import type { Destination } from './destinations.ts';

const qdisc = z.looseObject({
  kind: z.string(),
  handle: z.string(),
  root: z.boolean().optional(),
  parent: z.string().optional(),
  packets: z.number().default(0),
  drops: z.number().default(0),
});
export type Qdisc = z.infer<typeof qdisc>;

const routes = z.array(z.object({ dev: z.string(), type: z.string().optional() }));

/** A device of the pod, and what it had before us, word for word as tc says it. */
export type Device = { readonly name: string; readonly before: Json };

/** Without counters. Errors: `target/none`, `upstream/refused`. */
export async function readQdiscs(place: NetworkPlace, device: string): Promise<Json> {
  return JSON.parse(await say(place, ['tc', '-j', 'qdisc', 'show', 'dev', device])) as Json;
}

/** With what each has let through and dropped. */
export async function countQdiscs(place: NetworkPlace, device: string): Promise<Qdisc[]> {
  return z.array(qdisc).parse(JSON.parse(await say(place, ['tc', '-j', '-s', 'qdisc', 'show', 'dev', device])));
}

/** The root that somebody has put there; null where it is the kernel's own. */
export function foreignRoot(qdiscs: Json): Qdisc | null {
  return (
    z
      .array(qdisc)
      .parse(qdiscs)
      .find(({ root, handle }) => root === true && handle !== '0:') ?? null
  );
}

/** The devices that packets to these destinations leave by; a pod's own address leaves by none. */
export async function devicesTo(place: NetworkPlace, destinations: readonly Destination[]): Promise<string[]> {
  const addresses = [...new Set(destinations.map(({ address }) => address.split('/')[0] ?? ''))];
  const found = await Promise.all(
    addresses.map(async (address) => routes.parse(JSON.parse(await say(place, ['ip', '-j', 'route', 'get', address])))),
  );
  return [...new Set(found.flat().flatMap(({ dev, type }) => (type === 'local' ? [] : [dev])))];
}

async function say(place: NetworkPlace, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr, timedOut } = await place.run(argv, { timeoutMs: 4000, maxOutputBytes: 2 ** 20 });
  if (code === 0) return stdout.trim() === '' ? '[]' : stdout;
  const why = timedOut ? 'it did not end within 4 s' : stderr.trim();
  throw new AppError('upstream/refused', `${argv.join(' ')} in the pod's network: ${why}. Look with tc and ip there`);
}
