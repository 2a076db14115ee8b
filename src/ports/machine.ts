/** Who has the address that Alertmanager's webhooks come to. */
export type Listener = 'nobody' | 'our-worker' | 'another-program';

/** The machine we run on. */
export interface Machine {
  /** Writes a file in the directory and takes it away again; makes the directory when it is missing. Throws what prevents it. */
  tryWriting(directory: string): Promise<void>;
  /** Throws why the address could not be listened on, when nobody has it. */
  listenerAt(url: string): Promise<Listener>;
}
