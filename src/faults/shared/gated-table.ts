import type { FaultContext } from '../fault.ts';
import { closeGate, openGate, refreshGate } from './gate.ts';
import type { NetworkPlace } from './network-place.ts';
import { nft, readTable, tryNft } from './nft.ts';
import type { TableState } from './nft.ts';
import { startRefreshing, stopRefreshing } from './refresher.ts';
import { deleteTable } from './redirect-rules.ts';

/** A table whose rules act only while its gate is kept open by this agent. */
export class GatedTable {
  readonly #context: FaultContext;
  readonly #place: NetworkPlace;
  readonly #table: string;

  constructor(context: FaultContext, place: NetworkPlace, table: string) {
    this.#context = context;
    this.#place = place;
    this.#table = table;
  }

  create(script: string): Promise<void> {
    return nft(this.#place, script);
  }

  /** `mayGoOn` is asked before each refresh: rules are never kept acting towards something that is dead. */
  async open(mayGoOn: () => Promise<boolean> = async () => true): Promise<void> {
    this.#context.signal.throwIfAborted();
    await nft(this.#place, openGate(this.#table));
    startRefreshing(this.#context, async () => (await mayGoOn()) && tryNft(this.#place, refreshGate(this.#table)));
  }

  async close(): Promise<void> {
    stopRefreshing(this.#context.injectionId);
    await tryNft(this.#place, closeGate(this.#table));
  }

  async delete(): Promise<void> {
    await tryNft(this.#place, deleteTable(this.#table));
  }

  /** null when it is not there. Errors: `target/none`. */
  read(): Promise<TableState | null> {
    return readTable(this.#place, this.#table);
  }
}
