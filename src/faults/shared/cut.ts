import type { JsonObject } from '../../domain/json.ts';
import type { FaultContext } from '../fault.ts';
import type { Destination } from './destinations.ts';
import type { Direction } from './direction.ts';
import { createDropTable, extendDropTable } from './drop-rules.ts';
import { GatedTable } from './gated-table.ts';
import { countOf } from './netem-account.ts';
import { nft } from './nft.ts';
import { NetemQueue, sayQdiscs } from './netem-queue.ts';
import type { PodEngine } from './pod-engine.ts';
import type { PodPackets } from './pod-state.ts';
import { tableOf } from './redirect-rules.ts';

/** Keeps a pod's packets from getting there, or back. */
export interface Cut {
  /** Errors: `claim/taken`. */
  check(): Promise<void>;
  arm(): Promise<void>;
  on(): Promise<void>;
  /** These too, as long as it is on. What has ended is not brought back by it. Errors: `fault/inject-failed`. */
  cover(gained: readonly Destination[]): Promise<void>;
  /** Also what an agent before us left. */
  off(): Promise<void>;
  read(): Promise<CutState>;
}

export interface CutState {
  readonly on: boolean;
  /** What of ours is left in the kernel; null: nothing. */
  readonly left: string | null;
  readonly data: JsonObject;
}

export function cutOf(context: FaultContext, engine: PodEngine, packets: PodPackets, direction: Direction): Cut {
  return engine === 'netem' ? queueCut(context, packets, direction) : tableCut(context, packets, direction);
}

/** Rules that end by themselves within two seconds of their agent's death. */
function tableCut(context: FaultContext, { place, destinations, excluded }: PodPackets, direction: Direction): Cut {
  const name = tableOf(context.injectionId);
  const table = new GatedTable(context, place, name);
  return {
    check: async () => {},
    arm: () => table.create(createDropTable(name, { destinations, excluded, direction })),
    on: () => table.open(),
    cover: (gained) => nft(place, extendDropTable(name, gained, direction)),
    off: async () => {
      await table.close();
      await table.delete();
    },
    read: async () => {
      const state = await table.read();
      return {
        on: state !== null && state.elements > 0,
        left: state === null ? null : `table ${name}`,
        data: { engine: 'nft', dropped: state?.turned ?? null },
      };
    },
  };
}

/** A queue that loses all it is given, until it is taken away. It means the same packets as the rules do. */
function queueCut(context: FaultContext, packets: PodPackets, direction: Direction): Cut {
  const queue = new NetemQueue(context.injectionId, { ...packets, direction, anySourcePort: true });
  return {
    check: async () => queue.assertFree(),
    arm: () => queue.do('arm', {}),
    on: () => queue.do('add', { loss: 1 }),
    cover: (gained) => queue.cover(gained),
    off: async () => void (await queue.remove()),
    read: async () => {
      const { ours, accounts, restored } = await queue.read();
      const left = ours.length === 0 ? null : sayQdiscs(ours);
      const dropped = countOf(accounts, 'dropped');
      return { on: accounts !== null, left, data: { engine: 'netem', dropped, ...(left === null ? { restored } : {}) } };
    },
  };
}
