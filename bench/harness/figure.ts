/** Upper bounds in the row's unit. A p99 of fewer than 100 trials is judged by their maximum. */
export interface Goal {
  readonly median?: number;
  readonly p99?: number;
  readonly max?: number;
}

/** One line of the table: one number per trial. Without a goal it is only shown. */
export interface Row {
  readonly summary: string;
  readonly unit: string;
  readonly goal?: Goal;
}

export interface FigureContext {
  readonly trials: number;
  /** Progress for people, on stderr. */
  say(line: string): void;
}

/** What one figure has running while its trials are made. Disposed once, whatever the trials did. */
export interface Trials<Name extends string = string> extends AsyncDisposable {
  /** Makes one trial, counted from 1, and gives its numbers by row. Throws when it could not be made: never a made-up number. */
  run(ordinal: number): Promise<Readonly<Partial<Record<Name, number>>>>;
}

/** One promise in numbers, and how it is measured. */
export interface Figure<Name extends string = string> {
  /** Also its file, and its argument to `npm run bench`. */
  readonly name: string;
  readonly summary: string;
  /** What it runs on. Those of `kubernetes` need the lab cluster: `npm run cluster:up -- --netem`. */
  readonly platform: 'host' | 'kubernetes';
  /** How many trials are made when nobody says otherwise. */
  readonly trials: number;
  readonly rows: Readonly<Record<Name, Row>>;
  open(context: FigureContext): Promise<Trials<Name>>;
}
