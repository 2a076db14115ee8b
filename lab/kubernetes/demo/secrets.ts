import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { applyManifests, kubectl } from '../kubectl.ts';

const people = ['payments', 'drill', 'replicator'] as const;
type Passwords = Readonly<Record<(typeof people)[number], string>>;

interface SecretObject {
  readonly data: Readonly<Record<string, string>>;
}

/**
 * The passwords of this cluster's database: made at the first deployment, and never written anywhere but there. Whoever may
 * use them has a Secret: PostgreSQL and PgBouncer `data/postgres`, the drill `data/drill-database` and
 * `data/drill-redis`, the shop `payments-database` in its namespace.
 */
export async function giveSecrets(shop: string): Promise<void> {
  const passwords = await existingPasswords().then((found) => found ?? newPasswords());
  const payments = `postgres://payments:${passwords.payments}@pgbouncer.data:6432/payments`;
  const drill = (server: string): string => `postgres://drill:${passwords.drill}@${server}/payments`;
  const secrets = [
    secret('data', 'postgres', Object.fromEntries(people.map((name) => [`${name}-password`, passwords[name]]))),
    secret('data', 'drill-database', { direct: drill('postgres.data:5432'), pooled: drill('pgbouncer.data:6432') }),
    secret('data', 'drill-redis', { primary: 'redis://redis-0.redis.data:6379' }),
    secret(shop, 'payments-database', { url: payments }),
  ];
  await applyManifests(secrets.map((object) => stringify(object)).join('---\n'));
}

async function existingPasswords(): Promise<Passwords | null> {
  const text = await kubectl('get', 'secret', 'postgres', '--namespace=data', '--ignore-not-found', '-o', 'json');
  if (text === '') return null;
  const { data } = JSON.parse(text) as SecretObject;
  const password = (name: string): string => Buffer.from(data[`${name}-password`] ?? '', 'base64').toString();
  return { payments: password('payments'), drill: password('drill'), replicator: password('replicator') };
}

function newPasswords(): Passwords {
  const password = (): string => randomBytes(16).toString('hex');
  return { payments: password(), drill: password(), replicator: password() };
}

function secret(namespace: string, name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type: 'Opaque', stringData };
}
