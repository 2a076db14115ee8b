/** Where people keep experiments, hypotheses and the rest. */
export interface SpecFiles {
  /** The YAML files under a directory, sorted; a file is itself; nothing when it is not there. */
  list(path: string): Promise<readonly string[]>;
  /** Errors: `spec/not-found`. */
  read(path: string): Promise<string>;
  /** Replaces a file whole, or leaves it as it is. Errors: `spec/not-found` when it cannot be written. */
  write(path: string, text: string): Promise<void>;
}
