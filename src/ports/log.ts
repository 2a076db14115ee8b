import type { JsonObject } from '../domain/json.ts';

/** Structured log lines, in the order of pino. Nothing secret goes in. */
export interface Log {
  info(data: JsonObject, message: string): void;
  warn(data: JsonObject, message: string): void;
  error(data: JsonObject, message: string): void;
}
