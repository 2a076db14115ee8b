import type { JsonObject } from '../json.ts';
import type { InjectionStatus } from './records.ts';

/**
 * What is still as the fault made it, though nothing of ours will change it any more: somebody took our mark off, by wish or by
 * accident. Agents write it as `leftInPlace` into the data of their last look.
 */
export function leftInPlaceOf(evidence: JsonObject | undefined): readonly string[] {
  const data = evidence?.['data'];
  const left = typeof data === 'object' && data !== null && 'leftInPlace' in data ? data.leftInPlace : [];
  return Array.isArray(left) ? left.map(String) : [];
}

export function isLeftInPlace({ revertEvidence }: Pick<InjectionStatus, 'revertEvidence'>): boolean {
  return leftInPlaceOf(revertEvidence).length > 0;
}

/** Whether its end follows from its node's, and nobody read it back: agents say so in the data of the evidence. */
export function isUnread({ revertEvidence }: Pick<InjectionStatus, 'revertEvidence'>): boolean {
  const data = revertEvidence?.['data'];
  return typeof data === 'object' && data !== null && 'readBack' in data && data.readBack === false;
}
