import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { milliseconds } from '../quantities.ts';
import type { Fault, FaultContext, HelperProcess } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { databaseNeeds } from './shared/database.ts';
import { applicationNameOf, startDatabaseHelper, withHelper, withWhatIsLeft } from './shared/database-helper.ts';
import { answerOf, endedWith } from './shared/helper-answer.ts';

const identifier = '[A-Za-z_][A-Za-z0-9_$]*';

const params = z
  .strictObject({
    hold: z
      .enum(['access-exclusive', 'exclusive', 'share', 'transaction'])
      .describe(
        'a lock on a table, by what it keeps others from: all, all but reading, writing; or only a transaction left open',
      ),
    table: z
      .string()
      .regex(new RegExp(`^${identifier}\\.${identifier}$`), 'must be SCHEMA.TABLE, such as public.payments')
      .nullable()
      .default(null)
      .describe('SCHEMA.TABLE, of a lock'),
    wait: milliseconds(1, 60_000)
      .prefault('2s')
      .describe('how long to wait for the lock; others already queue behind us meanwhile'),
  })
  .refine(({ hold, table }) => (hold === 'transaction') === (table === null), {
    message: 'a lock needs a table, and a transaction has none',
    path: ['table'],
  })
  .transform(({ wait, ...given }) => ({ ...given, waitMs: wait }));
type Params = z.infer<typeof params>;

type Undo = { readonly applicationName: string };

const tableLook = z.object({ exists: z.boolean(), system: z.boolean(), mayLock: z.boolean(), role: z.string() });
const state = z.object({ held: z.number(), seconds: z.number(), lock: z.string().nullable(), waiting: z.number() });
const stateOf = async (helper: HelperProcess) => state.parse(await helper.ask({ op: 'state' }));

/** Lost with the agent on purpose: each ends with it, and its transaction too. */
const holders = new Map<string, HelperProcess>();

export const queryLock: Fault<Params, Undo> = {
  name: 'query-lock',
  summary: 'Holds a lock on a table, or a transaction open, so that queries of others wait',
  effect: 'held',
  lifetime: 'process',
  targets: ['postgres'],
  agents: ['host', 'cluster'],
  needs: databaseNeeds,
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { table }) {
    const look = async (helper: HelperProcess): Promise<z.infer<typeof tableLook> | 'no table'> =>
      table === null ? 'no table' : tableLook.parse(await helper.ask({ op: 'table', table: tableOf(table) }));
    const found = await withHelper(() => startHolder(context, target), look);
    const where = `${target.service}/${target.name}`;
    if (found === null) {
      throw new AppError('upstream/unreachable', `no PostgreSQL listens for ${where}. Start it, then run again`);
    }
    if (found !== 'no table') requireLockable(found, `${table} of ${where}`);
    return { applicationName: applicationNameOf(context.injectionId) };
  },

  async arm(context, target) {
    if (!holders.has(context.injectionId)) holders.set(context.injectionId, await startHolder(context, target));
  },

  patienceMs: (operation, given) => (operation === 'inject' && 'waitMs' in given ? given.waitMs + 5000 : 0),

  async inject(context, _target, { hold, table, waitMs }) {
    context.signal.throwIfAborted();
    const holder = holders.get(context.injectionId);
    if (holder === undefined) throw new AppError('fault/inject-failed', 'the transaction was never prepared. Run again');
    const lock = table === null ? null : { table: tableOf(table), mode: hold, waitMs };
    await holder.ask({ op: 'hold', lock }, waitMs + 5000);
  },

  async verify(context, _target, { hold, table }, { applicationName }) {
    const answer = await answerOf(holders.get(context.injectionId), stateOf);
    if ('died' in answer) return endedWith(answer);
    const { held, seconds, lock, waiting } = answer.said;
    const present = held > 0 && (table === null || lock !== null);
    const what = table === null ? 'a transaction is open' : `${table} is locked (${hold})`;
    return {
      present,
      summary: present
        ? `${what} for ${seconds.toFixed(1)} s as ${applicationName}; ${waiting} sessions wait for it`
        : `nothing is held as ${applicationName}`,
      data: { held, seconds, lock, waiting, applicationName },
    };
  },

  async revert(context, target) {
    const holder = holders.get(context.injectionId);
    holders.delete(context.injectionId);
    const ended = await holder?.ask({ op: 'terminate' }).catch(() => null);
    await holder?.stop();
    // An agent before us may have left one, and a holder that does not answer too.
    if (ended === undefined || ended === null) {
      await withWhatIsLeft(context, target, startHolder, (helper) => helper.ask({ op: 'terminate' }));
    }
  },

  async verifyReverted(context, target, { applicationName }) {
    const left = await withWhatIsLeft(context, target, startHolder, async (helper) => (await stateOf(helper)).held);
    return {
      present: (left ?? 0) > 0,
      summary:
        left === null
          ? 'no PostgreSQL listens: its transactions are gone'
          : `${left} transactions are open as ${applicationName}`,
      data: { held: left },
    };
  },
};

function startHolder(context: FaultContext, target: TargetRef): Promise<HelperProcess> {
  return startDatabaseHelper(context, target, 'lock-holder', { applicationName: applicationNameOf(context.injectionId) });
}

function tableOf(text: string): { schema: string; name: string } {
  const [schema = '', name = ''] = text.split('.');
  return { schema, name };
}

function requireLockable({ exists, system, mayLock, role }: z.infer<typeof tableLook>, table: string): void {
  if (!exists) throw new AppError('target/none', `there is no table ${table}. Correct its schema or its name`);
  if (system)
    throw new AppError('policy/denied', `${table} is the server's own: nobody could log in. Choose one of the application's`);
  if (mayLock) return;
  throw new AppError(
    'policy/denied',
    `role ${role} may not lock ${table}. Grant it UPDATE, DELETE or TRUNCATE on that table, or hold a transaction`,
  );
}
