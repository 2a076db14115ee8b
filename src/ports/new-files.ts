/** Files that are written once, for people to go on with. */
export interface NewFiles {
  /** Those of the paths where something is already. */
  existing(paths: readonly string[]): Promise<readonly string[]>;
  /** Makes folders on the way; never overwrites. Errors: `archive/failed`. */
  write(path: string, text: string): Promise<void>;
}
