import pg from 'pg';
import { AppError } from '../../domain/errors.ts';
import type { LockMode, Table } from './look.ts';

/** The server ends a transaction of which it has not heard for so long: also when our machine is gone without a word. */
const unheardMs = 5000;
const heardEveryMs = 1000;

/**
 * Opens a transaction and leaves it open; without a lock it keeps its snapshot, so that nothing dead can be cleaned up. The session ends
 * with this process. Errors: `fault/inject-failed` where others keep the lock for too long.
 */
export async function holdTransaction(
  session: pg.Client,
  lock: { readonly table: Table; readonly mode: LockMode; readonly waitMs: number } | null,
): Promise<void> {
  try {
    await session.query(`set idle_in_transaction_session_timeout = ${unheardMs}`);
    await session.query('begin isolation level repeatable read');
    if (lock === null) await session.query('select 1');
    else {
      const { table, mode, waitMs } = lock;
      await session.query(`set local lock_timeout = ${Math.round(waitMs)}`);
      const named = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`;
      await session.query(`lock table ${named} in ${mode.replaceAll('-', ' ')} mode`);
    }
  } catch (cause) {
    await session.end().catch(() => {});
    throw (cause as { code?: string }).code === lockNotAvailable ? tooLate(lock?.waitMs ?? 0, cause) : cause;
  }
  const heard = setInterval(() => void session.query('select 1').catch(() => clearInterval(heard)), heardEveryMs);
  session.once('end', () => clearInterval(heard));
}

const lockNotAvailable = '55P03';

function tooLate(waitMs: number, cause: unknown): AppError {
  return new AppError(
    'fault/inject-failed',
    `others kept the table locked for ${waitMs} ms, and queries queued behind us meanwhile. Give a longer wait, or run when it is calm`,
    { cause },
  );
}
