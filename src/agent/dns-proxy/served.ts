/** Of one protocol, on loopback. */
export interface Served {
  readonly port: number;
  close(): void;
}
