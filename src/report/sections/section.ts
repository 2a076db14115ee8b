import type { RunRecord } from '../../domain/run-record.ts';
import type { Block } from '../blocks.ts';

/** One part of the report, from the record alone. No blocks: the section has nothing to say and is left out. */
export interface Section {
  /** = file name = anchor in the HTML. */
  readonly name: string;
  build(record: RunRecord): readonly Block[] | Promise<readonly Block[]>;
}
