import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import type { Link } from './link.ts';
import { RedirectedLink } from './redirected-link.ts';
import { RelayLink } from './relay-link.ts';

/** The way that the environment declares: addresses are redirected, anything else is a relay that the caller calls. */
export function linkOf(context: FaultContext, target: TargetRef): Link {
  return 'addresses' in target.locator ? new RedirectedLink(context, target) : new RelayLink(context, target);
}
