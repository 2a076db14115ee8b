import type { FaultContext } from '../fault.ts';
import { firstEnd } from './destinations.ts';
import type { Look } from './link.ts';
import type { Netem } from './netem-commands.ts';
import type { PodPackets } from './pod-state.ts';
import { openMany } from './prober.ts';

/** So many connections meet a loss of 5% with a certainty of 95%; a smaller one is left to what the pod itself sends. */
const connections = 60;
/** Shorter than the second after which a lost first packet is sent again, longer than a loaded machine's own slowness. */
const lateMs = 700;

/**
 * Connections that are opened side by side from inside the pod: of those that no packet was lost for, each opens at once. null
 * where no destination is a single TCP end.
 */
export async function lookForLoss(context: FaultContext, { place, destinations }: PodPackets): Promise<Look | null> {
  const end = firstEnd(destinations);
  if (end === null) return null;
  const opened = await openMany(context, place, { ...end, count: connections, timeoutMs: lateMs });
  const late = connections - opened;
  return {
    seen: late > 0,
    summary: `${late} of ${connections} connections were not open within ${lateMs} ms`,
    data: { connections, late },
  };
}

/** Whether packets that are lost, or come wrong and are dropped by who receives them, are part of it. */
export const losesPackets = ({ loss = 0, corruption = 0 }: Netem): boolean => loss + corruption > 0;
