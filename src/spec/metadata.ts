import { z } from 'zod';

/** The version of our formats that this program reads and writes. SLOs are in a format that is not ours. */
export const currentVersion = 'firedrill.dev/v1';

export const apiVersion = z.literal(currentVersion);

/** Names appear in file names, workflow ids and metric labels. */
export const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
  .describe('a name of lower-case letters, digits and dashes, such as fraud-latency');

/** As `name`; parts of a platform may also carry dots and underscores. */
export const partName = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/)
  .describe('a name of letters, digits, dots, dashes and underscores');

export const metadata = z.strictObject({ name, title: z.string().min(1).exactOptional() });

export const httpUrl = z.url({ protocol: /^https?$/ }).describe('an http or https URL, such as http://127.0.0.1:8080/health');

/** The name of a secret, which no message repeats. `what`: the secret itself. */
export function secretReference(what: string) {
  const description = `a reference, file:PATH or env:NAME, never the ${what} itself`;
  return z
    .string()
    .regex(/^(file:.+|env:[A-Za-z_]\w*)$/)
    .meta({ description, writeOnly: true });
}
