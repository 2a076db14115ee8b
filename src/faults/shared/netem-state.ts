import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Json } from '../../domain/json.ts';
import type { CommandResult } from '../fault.ts';
import type { NetworkPlace } from './network-place.ts';
import type { Destination } from './destinations.ts';
import type { Way } from './direction.ts';

const qdisc = z.looseObject({
  kind: z.string(),
  handle: z.string(),
  dev: z.string().default(''),
  root: z.boolean().optional(),
  parent: z.string().optional(),
  ingress_block: z.number().optional(),
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

const links = z.array(z.object({ ifname: z.string(), txqlen: z.number().default(0) }));

/** A device of the pod, and what it had before us, word for word as tc says it. */
export type Device = {
  readonly name: string;
  readonly before: Json;
  /** Absent in what the first version kept. */
  readonly txQueueLength?: number;
};

/** Whether the kernel gives it another length as soon as it has a queue of ours: one of 0 becomes 1000, and stays that. */
export const losesLength = ({ txQueueLength }: Device): boolean => txQueueLength === 0;

/** The queues of one device, with what each has let through and dropped. */
export interface Queues {
  readonly qdiscs: readonly Qdisc[];
  /** Word for word, as tc says it. */
  readonly rows: Rows;
}

/** Without counters. Errors: `target/none`, `upstream/refused`. */
export async function readDevice(place: NetworkPlace, name: string): Promise<Device> {
  const [before, shown] = await Promise.all([
    say(place, ['tc', '-j', 'qdisc', 'show', 'dev', name]),
    say(place, ['ip', '-j', 'link', 'show', 'dev', name]),
  ]);
  return { name, before: JSON.parse(before) as Json, txQueueLength: lengthOf(links.parse(JSON.parse(shown)), name) };
}

const lengthOf = (shown: z.infer<typeof links>, name: string): number => shown.find(({ ifname }) => ifname === name)?.txqlen ?? 0;

/** What one `tc -j -s -batch -` makes known: of all devices, for one that is asked for and not there is an error. */
export const showQueues = 'qdisc show';

/** As `showQueues`, of `ip -j -batch -`: all devices. */
export const showLinks = 'link show';

/** Those of each device. Errors: `upstream/refused`. */
export function queuesFrom(result: CommandResult, name: string): (device: string) => Queues {
  const told = rows.parse(listOf(result, name, 'tc qdisc show'));
  return (device) => {
    const its = told.filter(({ dev }) => dev === device);
    return { rows: its, qdiscs: z.array(qdisc).parse(its) };
  };
}

/** Whether all are as long as they were, and none of `ours` is there. Errors: `upstream/refused`. */
export function linksAsBefore(result: CommandResult, name: string, devices: readonly Device[], ours: string): boolean {
  const shown = links.parse(listOf(result, name, 'ip link show'));
  return (
    shown.every(({ ifname }) => ifname !== ours) &&
    devices.every((device) => device.txQueueLength === undefined || lengthOf(shown, device.name) === device.txQueueLength)
  );
}

function listOf({ code, stdout, stderr, timedOut }: CommandResult, name: string, command: string): unknown {
  if (code === 0 && stdout.trim() !== '') return JSON.parse(stdout);
  const why = timedOut ? 'it did not end in time' : stderr.trim() || 'it told nothing';
  throw new AppError('upstream/refused', `${name}: its queues could not be read: ${command}: ${why}. Look there with it`);
}

/** Whether a device has what it had, word for word, and nothing else. Counters, which were not asked for then, are not compared. */
export function isAsBefore({ before }: Device, { rows: now }: Queues): boolean {
  const had = rows.parse(before);
  const again = (one: Rows[number], at: number): boolean =>
    Object.entries(one).every(([word, value]) => JSON.stringify(now[at]?.[word]) === JSON.stringify(value));
  return had.length === now.length && had.every(again);
}

/** What somebody has put where ours would be; null where there is nothing but the kernel's own. */
export function foreignQdisc(qdiscs: Json, way: Way): Qdisc | null {
  const isThere: Readonly<Record<Way, (one: Qdisc) => boolean>> = {
    egress: ({ root, handle }) => root === true && handle !== '0:',
    ingress: ({ kind }) => kind === 'ingress' || kind === 'clsact',
  };
  return z.array(qdisc).parse(qdiscs).find(isThere[way]) ?? null;
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
