import type { Destination } from './destinations.ts';

/** What netem does to the packets it is given. Ratios are 0..1. */
export type Netem = {
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /** Of each delay, or each loss, to the one before. */
  readonly correlation?: number;
  readonly distribution?: 'normal' | 'pareto' | 'paretonormal';
  readonly loss?: number;
  readonly corruption?: number;
  readonly duplication?: number;
  /** These packets overtake: they are not delayed. */
  readonly reordering?: number;
};

/** One network device of a pod, and which of the packets that leave by it are meant. */
export interface NetemPlace {
  readonly device: string;
  /** As `handleOf` gives it. */
  readonly handle: number;
  readonly destinations: readonly Destination[];
  /** Packets to these are left alone, though they are among the destinations. */
  readonly excluded: readonly Destination[];
}

/** All packets but those of ours go through the first band, as they would without us. */
const bands = ['bands', '4', 'priomap', ...Array.from({ length: 16 }, () => '0')];
/** More than a second of a fast link: what waits is never dropped for want of room. */
const limit = '100000';

/** A handle of the injection's own, so that nobody's else is ever taken away. The kernel gives itself those from 8000. */
export function handleOf(injectionId: string): number {
  let hash = 2_166_136_261;
  for (const letter of injectionId) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return 0x10_00 + (hash % 0x6f_00);
}

export const handleText = (handle: number): string => `${handle.toString(16)}:`;

export type NetemStep = 'arm' | 'add' | 'cover' | 'remove';

/**
 * As tc reads them. `arm` sorts packets without doing anything to them; `add` is the one short step; `cover` sorts more of them;
 * `remove` takes all of it, and only ours: the kernel refuses it for a handle that is not there, as it does `cover`.
 */
export function commandsFor(step: NetemStep, place: NetemPlace, netem: Netem): string[] {
  const { device, handle, destinations, excluded } = place;
  const root = handleText(handle);
  const filter = (one: Destination, rank: number, band: number): string =>
    `filter add dev ${device} parent ${root} protocol ip prio ${rank} u32 ${matchOf(one, 'dst')} flowid ${root}${band}`;
  switch (step) {
    case 'arm':
      return [
        `qdisc add dev ${device} root handle ${root} prio ${bands.join(' ')}`,
        ...excluded.map((one) => filter(one, 1, 1)),
        ...commandsFor('cover', place, netem),
      ];
    case 'cover':
      return destinations.map((one) => filter(one, 2, 4));
    case 'add':
      return [`qdisc add dev ${device} parent ${root}4 handle ${handleText(handle + 1)} netem ${wordsOf(netem).join(' ')}`];
    case 'remove':
      return [`qdisc del dev ${device} root handle ${root}`];
  }
}

/** Packets whose one end, where they go or where they come from, is this. */
export function matchOf({ address, port, protocol }: Destination, end: 'dst' | 'src'): string {
  const host = `match ip ${end} ${address.includes('/') ? address : `${address}/32`}`;
  if (port === null) return host;
  const number = protocol === 'tcp' ? '6' : '17';
  return `${host} match ip protocol ${number} 0xff match ip ${end === 'dst' ? 'dport' : 'sport'} ${port} 0xffff`;
}

function wordsOf({ delayMs = 0, jitterMs = 0, correlation, distribution, ...shares }: Netem): string[] {
  const jitter = jitterMs === 0 ? [] : [`${jitterMs}ms`, ...(correlation === undefined ? [] : [percent(correlation)])];
  const share = (word: string, value: number | undefined): string[] =>
    value === undefined ? [] : [word, percent(value), ...(correlation === undefined ? [] : [percent(correlation)])];
  return [
    'limit',
    limit,
    ...(delayMs === 0 ? [] : ['delay', `${delayMs}ms`, ...jitter]),
    ...(distribution === undefined ? [] : ['distribution', distribution]),
    ...share('loss', shares.loss),
    ...share('corrupt', shares.corruption),
    ...share('duplicate', shares.duplication),
    ...share('reorder', shares.reordering),
  ];
}

const percent = (ratio: number): string => `${Number((ratio * 100).toFixed(4))}%`;
