import { z } from 'zod';

/** Which packets of a pod are meant: those that it sends over a link, those that come from there, or both. */
export const direction = z.enum(['egress', 'ingress', 'both']);
export type Direction = z.infer<typeof direction>;

/** One way of packets. */
export type Way = Exclude<Direction, 'both'>;

export const waysOf = (one: Direction): readonly Way[] => (one === 'both' ? ['egress', 'ingress'] : [one]);
