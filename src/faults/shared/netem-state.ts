import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Json } from '../../domain/json.ts';
import type { CommandResult } from '../fault.ts';
import type { NetworkPlace } from './network-place.ts';
import type { Destination } from './destinations.ts';

const qdisc = z.looseObject({
  kind: z.string(),
  handle: z.string(),
  root: z.boolean().optional(),
  parent: z.string().optional(),
  packets: z.number().default(0),
  drops: z.number().default(0),
  qlen: z.number().default(0),
});
export type Qdisc = z.infer<typeof qdisc>;

const rows = z.array(
  z.record(
    z.string(),
    z.custom<Json>((value) => value !== undefined),
  ),
);
type Rows = z.infer<typeof rows>;

const routes = z.array(z.object({ dev: z.string(), type: z.string().optional() }));

/** A device of the pod, and what it had before us, word for word as tc says it. */
export type Device = { readonly name: string; readonly before: Json };

/** The queues of one device, with what each has let through and dropped. */
export interface Queues {
  readonly qdiscs: readonly Qdisc[];
  /** Word for word, as tc says it. */
  readonly rows: Rows;
}

/** Without counters. Errors: `target/none`, `upstream/refused`. */
export async function readQdiscs(place: NetworkPlace, device: string): Promise<Json> {
  return JSON.parse(await say(place, ['tc', '-j', 'qdisc', 'show', 'dev', device])) as Json;
}

/** What one `tc -j -s -batch -` makes known of these devices. */
export const showQueues = (devices: readonly Device[]): string[] => devices.map(({ name }) => `qdisc show dev ${name}`);

/** One list for each device, in the order in which they were asked for. Errors: `upstream/refused`. */
export function queuesFrom(
  { code, stdout, stderr, timedOut }: CommandResult,
  devices: readonly Device[],
  name: string,
): Queues[] {
  const lists = stdout.split('\n').filter((line) => line.trim() !== '');
  if (code === 0 && lists.length === devices.length) return lists.map(queuesOf);
  const why = timedOut ? 'tc did not end in time' : stderr.trim() || `tc told of ${lists.length} devices of ${devices.length}`;
  throw new AppError('upstream/refused', `${name}: its queues could not be read: ${why}. Look with tc qdisc show there`);
}

function queuesOf(list: string): Queues {
  const told = rows.parse(JSON.parse(list));
  return { rows: told, qdiscs: z.array(qdisc).parse(told) };
}

/** Whether a device has what it had, word for word, and nothing else. Counters, which were not asked for then, are not compared. */
export function isAsBefore({ before }: Device, { rows: now }: Queues): boolean {
  const had = rows.parse(before);
  const again = (one: Rows[number], at: number): boolean =>
    Object.entries(one).every(([word, value]) => JSON.stringify(now[at]?.[word]) === JSON.stringify(value));
  return had.length === now.length && had.every(again);
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
