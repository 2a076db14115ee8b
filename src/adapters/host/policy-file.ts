import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import { whyUnreadable } from './why-unreadable.ts';

const policySchema = z.strictObject({
  environment: z.string(),
  allowFaults: z.array(z.string()),
  allowServices: z.array(z.string()),
  maxDurationSeconds: z.number().positive(),
  leaseSeconds: z.strictObject({ min: z.number().positive(), max: z.number().positive() }),
  diskFill: z.strictObject({ allowPaths: z.array(z.string()), floorBytes: z.number().nonnegative() }),
  pool: z.strictObject({ reserveConnections: z.int().nonnegative() }),
  redirect: z.strictObject({ allowAddresses: z.array(z.string()) }).exactOptional(),
  hook: z.strictObject({
    allowCommands: z.array(z.union([z.string(), z.array(z.string()).min(1)])),
    allowUrls: z.array(z.string()),
    timeoutSeconds: z.number().positive(),
  }),
});

/** The agent's own policy, YAML or JSON. Errors: `spec/not-found`, `spec/invalid`. */
export async function readPolicy(path: string): Promise<z.infer<typeof policySchema>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('spec/not-found', `the agent's policy ${path} cannot be read: ${whyUnreadable(cause)}. Check the path`, {
      cause,
    });
  }
  try {
    return policySchema.parse(parse(text));
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new AppError(
      'spec/invalid',
      `the agent's policy ${path} is wrong:\n${problem.trimEnd()}\nEvery key: docs/reference/files.md#agent-policy`,
      { cause },
    );
  }
}
