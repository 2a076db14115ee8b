import { openSession } from '../session.ts';
import type { Command } from './command.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'check everything a run needs, and say how to mend what is missing',
  async run({ environment }, output) {
    await using session = await openSession(environment);
    const { examineSession } = await import('../../compose/examine-environment.ts');
    const findings = await examineSession(session);
    output.answer(findings, findings.map(({ what, ok, text }) => `${ok ? 'ok    ' : 'broken'}  ${what}: ${text}`).join('\n'));
    return findings.every(({ ok }) => ok) ? 0 : 4;
  },
};
