import type { Document } from 'yaml';
import type { Kind } from '../kinds.ts';

/** How the files of one kind go from one version of their format to the next. */
export interface Migration {
  readonly kind: Kind;
  /** As `apiVersion` says it, such as `firedrill.dev/v1`. */
  readonly from: string;
  readonly to: string;
  /** What it changes, in a few words for the people whose file it is. */
  readonly summary: string;
  /** Rewrites the document in place, so that comments stay where they are. `apiVersion` is set by the caller. */
  rewrite(document: Document): void;
}
