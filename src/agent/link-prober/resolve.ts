import { Resolver } from 'node:dns/promises';
import type { JsonObject } from '../../domain/json.ts';

export interface LookUp {
  readonly name: string;
  readonly server: string;
  readonly timeoutMs: number;
}

const outcomes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'nxdomain',
  ESERVFAIL: 'servfail',
  ETIMEOUT: 'timeout',
  ENODATA: 'no-data',
};

/** One question for IPv4 addresses to one resolver, over UDP. How it ended, in the words of `dns-failure`. */
export async function resolve({ name, server, timeoutMs }: LookUp): Promise<JsonObject> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  resolver.setServers([server]);
  const startedAt = performance.now();
  const found = await resolver.resolve4(name).then(
    (addresses) => ({ outcome: 'answered', addresses }),
    ({ code }: NodeJS.ErrnoException) => ({ outcome: outcomes[code ?? ''] ?? String(code), addresses: [] }),
  );
  return { ...found, elapsedMs: performance.now() - startedAt };
}
