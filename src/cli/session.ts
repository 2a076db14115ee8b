import type { Session } from '../compose/session.ts';

/** What a session needs is loaded with the first one: `--version`, `--help` and completion open none. Errors: as the session's. */
export async function openSession(environmentFile: string | undefined): Promise<Session> {
  const session = await import('../compose/session.ts');
  return session.openSession(environmentFile, (text) => process.stderr.write(`firedrill: warning: ${text}\n`));
}
