import { leftInPlaceOf } from '../../domain/injection/revert-evidence.ts';
import type { RunRecord } from '../../domain/run-record.ts';
import { cell, code, heading, paragraph, type Block, type Tone } from '../blocks.ts';
import { secondsBetween, signedSeconds, utcTime } from '../wording/times.ts';
import { evidenceInWords, pairs } from '../wording/values.ts';
import type { Section } from './section.ts';

type Injection = RunRecord['injections'][number];

/** Each fault on each target: what was asked, what was proved, how it ended and how that was proved. */
export const injections: Section = {
  name: 'injections',
  build({ injections: all, clocks }) {
    if (all.length === 0) return [heading(2, 'Injections'), paragraph('No injection record was written.')];
    return [heading(2, 'Injections'), ...all.flatMap((injection) => blocksOf(injection, clocks.t0?.at ?? null))];
  },
};

/** What is spent happened and is over: it has nothing to take away. */
function revertRows(status: Injection['status'], when: (at: string | undefined) => string): [string, string, string, Tone][] {
  const { revertStartedAt, revertVerifiedAt, revertEvidence, cause, phase } = status ?? {};
  const proved = (revertVerifiedAt !== undefined || phase === 'refused') && leftInPlaceOf(revertEvidence).length === 0;
  return [
    ['Revert started', when(revertStartedAt), cause === undefined ? 'no cause recorded' : `cause: ${cause}`, 'plain'],
    [
      proved || revertVerifiedAt === undefined ? 'Verified gone' : 'Left in place',
      when(revertVerifiedAt),
      evidenceInWords(revertEvidence),
      proved ? 'plain' : 'bad',
    ],
  ];
}

function blocksOf({ spec, status }: Injection, t0: string | null): readonly Block[] {
  const when = (at: string | undefined): string => {
    if (at === undefined) return '–';
    return t0 === null ? utcTime(at) : `${utcTime(at)} (${signedSeconds(secondsBetween(t0, at))})`;
  };
  const rows: [string, string, string, Tone?][] = [
    ['Armed', when(status?.armedAt), 'everything prepared, undo stored, no effect yet'],
    [status?.phase === 'spent' ? 'Verified' : 'Verified active', when(status?.verifiedAt), evidenceInWords(status?.evidence)],
    ...(status?.phase === 'spent' ? [] : revertRows(status, when)),
  ];
  const problem = status?.error;
  return [
    heading(3, `${spec.fault} on ${spec.target.kind} ${spec.target.name}: ${status?.phase ?? 'no agent ever answered'}`),
    {
      type: 'facts',
      items: [
        { label: 'Parameters', value: pairs(spec.params) === '' ? 'none' : pairs(spec.params), code: true },
        { label: 'Service', value: spec.target.service },
        { label: 'Deadline (UTC)', value: utcTime(spec.deadline) },
        { label: 'Lease', value: `${spec.leaseSeconds} s` },
        { label: 'Agent', value: status?.agent === undefined ? 'none' : `${status.agent.name} ${status.agent.version}` },
        { label: 'Record', value: spec.id, code: true },
      ],
    },
    {
      type: 'table',
      columns: [{ title: 'Step', tight: true }, { title: 'UTC (from T0)', tight: true }, { title: 'Evidence' }],
      rows: rows.map(([step, at, evidence, tone]) => [cell(step), cell(at), cell(evidence, tone)]),
    },
    ...(problem === undefined
      ? []
      : [
          {
            type: 'table' as const,
            columns: [{ title: 'Error' }, { title: 'Message' }],
            rows: [[code(problem.code), cell(problem.message, 'bad')]],
          },
        ]),
  ];
}
