import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';

const primary = z.tuple([z.literal('master'), z.number(), z.array(z.unknown())]);
const replica = z.tuple([z.literal('slave'), z.string(), z.number(), z.string(), z.number()]);

/** `partners`: of a primary, its replicas that are online; of a replica, 1 while its link to the primary is up. */
export interface Standing {
  readonly role: 'primary' | 'replica';
  readonly partners: number;
}

/** What a node says of itself: the answer to ROLE. Errors: `policy/denied` for a Sentinel, which holds no data. */
export function standingOf(answer: unknown): Standing {
  const asPrimary = primary.safeParse(answer);
  if (asPrimary.success) return { role: 'primary', partners: asPrimary.data[2].length };
  const asReplica = replica.safeParse(answer);
  if (asReplica.success) return { role: 'replica', partners: asReplica.data[3] === 'connected' ? 1 : 0 };
  throw new AppError('policy/denied', `it is neither a primary nor a replica. Choose a pod that holds data`);
}
