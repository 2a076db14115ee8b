import { AppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import { firstEnd } from './destinations.ts';
import type { Look } from './link.ts';
import { countOf, givenEachBetween, toldOtherwise } from './netem-account.ts';
import type { NetemAccount } from './netem-account.ts';
import type { Netem } from './netem-commands.ts';
import type { PodPackets } from './pod-state.ts';
import { openMany } from './prober.ts';

/** So many connections meet a loss of 5% with a certainty of 95%; a smaller one is left to what the pod itself sends. */
const connections = 60;
/** Shorter than the second after which a lost first packet is sent again, longer than a loaded machine's own slowness. */
const lateMs = 700;
/** What is as unlikely as this has another reason than chance. */
const byChance = 1e-6;

/** Connections that were opened side by side, and how many of them were not open in time. */
export interface OpenedSideBySide {
  readonly connections: number;
  readonly late: number;
}

/**
 * Connections that are opened side by side from inside the pod: of those that no packet was lost for, each opens at once. null
 * where no destination is a single TCP end.
 */
export async function openSideBySide(
  context: FaultContext,
  { place, destinations }: PodPackets,
): Promise<OpenedSideBySide | null> {
  const end = firstEnd(destinations);
  if (end === null) return null;
  const opened = await openMany(context, place, { ...end, count: connections, timeoutMs: lateMs });
  return { connections, late: connections - opened };
}

export const sayOpened = ({ connections, late }: OpenedSideBySide): string =>
  `${late} of ${connections} connections were not open within ${lateMs} ms`;

/**
 * What the kernel says that it is told, and was given while connections were opened, and what became of them. Errors:
 * `upstream/unreachable` where it may be chance that nothing was met, or nothing was sent: that is not known, and not gone.
 */
export function lookForLoss(
  name: string,
  asked: Netem,
  given: {
    /** One for each way that packets are lost on. */
    readonly before: readonly NetemAccount[];
    readonly opened: OpenedSideBySide | null;
    readonly after: readonly NetemAccount[] | null;
  },
): Look {
  const { before, opened, after } = given;
  const [packets, dropped] = [countOf(after, 'packets'), countOf(after, 'dropped')];
  const look = (seen: boolean, ...summary: string[]): Look => ({
    seen,
    summary: [...(opened === null ? [] : [sayOpened(opened)]), ...summary].join('; '),
    data: { ...opened, packets, dropped },
  });
  if (after === null) return look(false, `${name}: the kernel does nothing to packets for us`);
  const otherwise = toldOtherwise(after, asked);
  if (otherwise !== null) return look(false, otherwise);
  // Without connections of ours it is what the pod itself has sent and been sent since.
  const each = opened === null ? after.map((one) => one.given) : givenEachBetween(before, after);
  const came = each.reduce((total, one) => total + one, 0);
  const account = `the kernel was given ${came} packets and has lost ${dropped}`;
  // A connection that is open has had packets on every way.
  if (opened !== null && opened.late < opened.connections && each.includes(0)) return look(false, account);
  if (came === 0) throw unknown(name, 'no packet came to our queue');
  if (!losesPackets(asked) || opened === null || opened.late > 0 || dropped !== 0) return look(true, account);
  if (chanceOfNone(asked, opened.connections * each.length) < byChance) return look(false, account);
  throw unknown(name, `none of ${opened.connections} connections met it, which may be chance`);
}

/** Whether packets that are lost, or come wrong and are dropped by who receives them, are part of it. */
export const losesPackets = ({ loss = 0, corruption = 0 }: Netem): boolean => loss + corruption > 0;

/** That all of so many packets come through. Where each one's fate is like that of the one before it, all may. */
const chanceOfNone = ({ loss = 0, corruption = 0, correlation = 0 }: Netem, packets: number): number =>
  correlation > 0 ? 1 : ((1 - loss) * (1 - corruption)) ** packets;

const unknown = (name: string, why: string): AppError =>
  new AppError(
    'upstream/unreachable',
    `${name}: whether packets are lost could not be measured: ${why}. Send more over the link`,
  );
