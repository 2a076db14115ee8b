import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';
import { readChain } from './chain.ts';
import { reissue } from './reissue.ts';

const pair = z.strictObject({ name: z.string(), certificate: z.string(), key: z.string() });
const config = z.strictObject({ old: pair, issuer: pair.nullable() });
const message = z.strictObject({ op: z.literal('reissue'), endsAt: z.iso.datetime() });

// A process of its own: private keys are in it for a moment, and no agent loads what makes certificates.
serveHelper(async (given) => {
  const { old, issuer } = config.parse(given);
  const chain = readChain(old, old.name);
  const ca = issuer === null ? null : readChain(issuer, issuer.name);
  return async (asked) => ({ ...reissue(chain, ca, new Date(message.parse(asked).endsAt)) });
});
