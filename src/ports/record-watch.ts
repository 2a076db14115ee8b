/** Calls back soon after records may have changed; may miss changes, so whoever uses it also polls. Returns how to end it. */
export type WatchRecords = (onChange: () => void) => () => void;
