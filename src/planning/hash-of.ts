import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/plan/canonical-json.ts';

/** sha256 of the canonical JSON of a plan, in hex. */
export function hashOf(plan: object): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex');
}
