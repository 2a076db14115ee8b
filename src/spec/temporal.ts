import { z } from 'zod';
import type { TemporalSettings } from '../domain/temporal-settings.ts';
import { address, path } from './host-services.ts';
import { secretReference } from './metadata.ts';

/** Where workflows run, and how to prove who asks. Keys are named, never written: files are read when a connection is made. */
export const temporal = z.strictObject({
  address,
  namespace: z.string().min(1).default('default'),
  tls: z
    .strictObject({
      ca: path.exactOptional().describe('who signed the server, as PEM; the usual authorities where it is not said'),
      cert: path.exactOptional().describe('the certificate that we show, as PEM'),
      key: path.exactOptional().describe('its key, as PEM'),
      serverName: z
        .string()
        .min(1)
        .exactOptional()
        .describe('what the server is called in its certificate, where that is not its address'),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key go together: name both, or none')
    .exactOptional()
    .describe('{} for TLS with nothing else'),
  apiKey: secretReference('key').exactOptional(),
});

/** The same, with its paths as `absolute` makes them. */
export function temporalAt(settings: TemporalSettings, absolute: (path: string) => string): TemporalSettings {
  const { tls, apiKey, ...rest } = settings;
  const { serverName, ...paths } = tls ?? {};
  const found = Object.fromEntries(Object.entries(paths).map(([name, file]) => [name, absolute(file)]));
  return {
    ...rest,
    ...(tls === undefined ? {} : { tls: { ...found, ...(serverName === undefined ? {} : { serverName }) } }),
    ...(apiKey === undefined
      ? {}
      : { apiKey: apiKey.startsWith('file:') ? `file:${absolute(apiKey.slice('file:'.length))}` : apiKey }),
  };
}
