/** Where Temporal is, and how to prove who asks. Keys are named, never held. */
export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  /** Files, as PEM. Absent: not encrypted, unless there is an `apiKey`. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly serverName?: string };
  /** `file:PATH` or `env:NAME`. */
  readonly apiKey?: string;
}
