import type { AbortedBy } from '../run-record.ts';

/** How a watch ended. Everything but `held` is followed by a revert that has, where it could be, already been commanded. */
export type WatchEnd =
  | { readonly kind: 'held'; readonly reason: string }
  | {
      readonly kind: 'ended';
      readonly ending: 'aborted' | 'failed' | 'not-started';
      readonly reason: string;
      readonly abortedBy: AbortedBy | null;
    };
