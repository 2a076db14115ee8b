import { AppError, messageOf } from '../../domain/errors.ts';
import type { RedisConnection } from '../redis/connect.ts';

export const settingNames = ['maxmemory', 'maxmemory-policy'] as const;
export type SettingName = (typeof settingNames)[number];
/** As the server writes them. */
export type Settings = Readonly<Record<SettingName, string>>;

/** Errors: `policy/denied` where the server does not let us ask. */
export async function readSettings(redis: RedisConnection): Promise<Settings> {
  const read = async (name: SettingName): Promise<string> => {
    const answer = await redis.sendCommand(['CONFIG', 'GET', name]).catch((cause: unknown) => {
      throw withheld('CONFIG GET', cause);
    });
    const [, value] = Array.isArray(answer) ? (answer as unknown[]) : [];
    if (typeof value === 'string') return value;
    throw new AppError('upstream/refused', `Redis has no setting ${name}. Choose a server that evicts keys`);
  };
  const [maxmemory, policy] = await Promise.all([read('maxmemory'), read('maxmemory-policy')]);
  return { maxmemory, 'maxmemory-policy': policy };
}

/** In the order given, in one go. */
export async function writeSettings(
  redis: RedisConnection,
  settings: readonly (readonly [SettingName, string])[],
): Promise<void> {
  await Promise.all(
    settings.map(([name, value]) =>
      redis.sendCommand(['CONFIG', 'SET', name, value]).catch((cause: unknown) => {
        throw withheld('CONFIG SET', cause);
      }),
    ),
  );
}

/** Asks for a setting that is none: what is refused as unknown would have been allowed, and nothing is changed. Errors: `policy/denied`. */
export async function requireWritable(redis: RedisConnection): Promise<void> {
  const refusal = await redis.sendCommand(['CONFIG', 'SET', 'firedrill-none', '0']).then(
    () => null,
    (error: unknown) => error,
  );
  if (refusal !== null && isWithheld(refusal)) throw withheld('CONFIG SET', refusal);
}

/** By an access list, or because the command has another name. */
function isWithheld(error: unknown): boolean {
  return /^NOPERM|unknown (sub)?command/i.test(messageOf(error));
}

function withheld(command: string, cause: unknown): AppError {
  if (!isWithheld(cause)) return new AppError('upstream/refused', `Redis refused ${command}: ${messageOf(cause)}`, { cause });
  return new AppError(
    'policy/denied',
    `Redis does not let us use ${command}: ${messageOf(cause)}. Connect as a user with +info +config|get +config|set; where the command was renamed or is managed by others, its limit cannot be changed from here`,
    { cause },
  );
}
