import { z } from 'zod';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { NetworkPlace } from './network-place.ts';
import { readyCommand } from './ready-command.ts';

const counted = z.object({
  nftables: z.array(
    z.object({
      table: z.object({ name: z.string() }).optional(),
      set: z.object({ elem: z.array(z.unknown()).default([]) }).optional(),
      rule: z.object({ comment: z.string().optional(), expr: z.array(z.record(z.string(), z.unknown())) }).optional(),
    }),
  ),
});

const counter = z.object({ packets: z.number() });

export interface TableState {
  /** How many addresses are redirected now. */
  readonly elements: number;
  /** Connections of the caller that were turned so far. */
  readonly turned: number;
}

/** Whether this agent can make rules here; why not, and what to do, otherwise. */
export async function nftProblem(place: NetworkPlace): Promise<string | null> {
  if (!place.isRoot)
    return 'this agent is not root, and only root redirects packets. Start it as root, or use a relay in the link';
  const { code, stdout } = await place.run(['nft', '--version'], { timeoutMs: 2000 });
  if (code !== 0) return 'there is no nft here. Install nftables, or use a relay in the link';
  return stdout.startsWith('nftables') ? null : 'nft does not answer as nftables does';
}

/** One script is one transaction: all of it or nothing. Errors: `fault/inject-failed`, with what nft says. */
export async function nft(place: NetworkPlace, script: string): Promise<void> {
  const { code, stderr } = await place.run(['nft', script], { timeoutMs: 2000 });
  if (code !== 0) throw new AppError('fault/inject-failed', `nft refused "${firstLine(script)}": ${firstLine(stderr)}`);
}

/** nft that waits for its script. */
export interface ReadyNft {
  /** As `nft`. Once. */
  run(script: string): Promise<void>;
  /** It ends, and has done nothing. */
  drop(): void;
}

export function readyNft(place: NetworkPlace): ReadyNft {
  const ready = readyCommand(place, ['nft', '-f', '-'], { timeoutMs: 2000 });
  return {
    async run(script) {
      if ((await ready.run(script))?.code !== 0) await nft(place, script);
    },
    drop: () => ready.drop(),
  };
}

/** False when nft refuses it, or when the network has ended with its pod. */
export async function tryNft(place: NetworkPlace, script: string): Promise<boolean> {
  try {
    return (await place.run(['nft', script], { timeoutMs: 2000 })).code === 0;
  } catch (error) {
    if (isAppError(error) && error.code === 'target/none') return false;
    throw error;
  }
}

/** null when there is no such table. Errors: `fault/revert-failed` when nft cannot tell. */
export async function readTable(place: NetworkPlace, table: string): Promise<TableState | null> {
  const listed = await listTable(place, table);
  if (listed === null) return null;
  const { nftables } = listed;
  const ofCaller = nftables.flatMap(({ rule }) => (rule?.comment === 'caller' ? rule.expr : []));
  return {
    elements: nftables.reduce((sum, { set }) => sum + (set?.elem.length ?? 0), 0),
    turned: ofCaller.reduce((sum, { counter: found }) => sum + (counter.safeParse(found).data?.packets ?? 0), 0),
  };
}

/** nft refuses to list what is not there as it refuses what it cannot do: only all tables tell these two apart. */
async function listTable(place: NetworkPlace, table: string): Promise<z.infer<typeof counted> | null> {
  const listing = ['list', 'table', 'ip', table];
  const { code, stdout } = await place.run(['nft', '-j', ...listing], { timeoutMs: 2000 });
  if (code === 0) return counted.parse(JSON.parse(stdout));
  const { nftables } = counted.parse(await askNft(place, ['list', 'tables']));
  return nftables.some((one) => one.table?.name === table) ? counted.parse(await askNft(place, listing)) : null;
}

async function askNft(place: NetworkPlace, argv: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await place.run(['nft', '-j', ...argv], { timeoutMs: 2000 });
  if (code === 0) return JSON.parse(stdout);
  throw new AppError('fault/revert-failed', `nft could not ${argv.join(' ')}: ${firstLine(stderr)}. Look with nft list ruleset`);
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
