import { errorCodes, isAppError, messageOf } from '../domain/errors.ts';
import type { TimelineEvent } from '../domain/run-record.ts';

/** Human text, or JSON with `--json`. Everything a command says goes through here. */
export interface Output {
  readonly json: boolean;
  /** A line for people; left out of JSON output. */
  say(text: string): void;
  /** A line for people that must be seen also beside JSON: on standard error. */
  warn(text: string): void;
  /** The command's answer: `value` in JSON, else `text`. */
  answer(value: unknown, text: string): void;
  event(event: TimelineEvent): void;
}

export function createOutput(
  json: boolean,
  write: (text: string) => void = (text) => process.stdout.write(text),
  writeError: (text: string) => void = (text) => process.stderr.write(text),
): Output {
  return {
    json,
    say: (text) => {
      if (!json) write(`${text}\n`);
    },
    warn: (text) => writeError(`${text}\n`),
    answer: (value, text) => write(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
    event: (event) => write(json ? `${JSON.stringify(event)}\n` : `${eventLine(event)}\n`),
  };
}

/** `14:03:07.412  alert   PaymentsLatencyP99 fires` */
export function eventLine(event: TimelineEvent): string {
  const by = event.by === undefined ? '' : ` (${event.by})`;
  return `${event.at.slice(11, 23)}  ${event.source.padEnd(6)}  ${event.text}${by}`;
}

/** Prints an error as it should be read, and gives its exit code. */
export function reportError(
  error: unknown,
  debug: boolean,
  write: (text: string) => void = (text) => process.stderr.write(text),
): number {
  const code = isAppError(error) ? error.code : 'internal/bug';
  const bug =
    code === 'internal/bug'
      ? '\nThis is a bug in firedrill. Please report it with the output of the same command and --debug'
      : '';
  write(`firedrill: ${code}: ${messageOf(error)}${bug}\n`);
  if (debug && error instanceof Error) write(`${error.stack ?? ''}\n`);
  return errorCodes[code].exit;
}
