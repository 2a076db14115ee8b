import { openSession } from '../session.ts';
import { messageOf } from '../../domain/errors.ts';
import type { Command } from './command.ts';

const freshMs = 3000;

export const doctor: Command = {
  name: 'doctor',
  summary: 'check everything a run needs, and say how to mend what is missing',
  async run({ environment }, output) {
    await using session = await openSession(environment);
    const { metrics, alerts, store } = session.connections;
    const { planned } = session;
    const checks: [string, () => Promise<string>][] = [
      [
        'Temporal',
        async () => {
          const status = await (await session.orchestrator()).status(planned.name);
          return status === null ? 'answers, nothing runs' : `answers, ${status.runId} runs`;
        },
      ],
      [
        'Prometheus',
        async () =>
          (await metrics.ready())
            ? `ready, clock off by ${(await metrics.clockOffset()).offsetMs.toFixed(0)} ms`
            : fail(`not ready at ${planned.prometheusUrl}. Start it, or mend prometheus.url`),
      ],
      ...alerts.map((source): [string, () => Promise<string>] => [
        `Alertmanager ${source.url}`,
        async () => ((await source.ready()) ? 'ready' : fail('not ready. Start it, or mend alertmanagers in the environment')),
      ]),
      [
        'agent',
        async () => {
          const alive = (await store.readHeartbeats()).filter((beat) => Date.now() - Date.parse(beat.at) < freshMs);
          return alive.length > 0
            ? alive.map((beat) => beat.name).join(', ')
            : fail('none is alive. Start one with `firedrill agent`');
        },
      ],
      [
        'halt',
        async () => ((await store.readHalt()) === null ? 'not set' : fail('set. `firedrill halt --lift` when it is safe')),
      ],
    ];
    const results = await Promise.all(
      checks.map(async ([what, check]) => {
        try {
          return { what, ok: true, text: await check() };
        } catch (error) {
          return { what, ok: false, text: messageOf(error) };
        }
      }),
    );
    output.answer(results, results.map(({ what, ok, text }) => `${ok ? 'ok    ' : 'broken'}  ${what}: ${text}`).join('\n'));
    return results.every(({ ok }) => ok) ? 0 : 4;
  },
};

function fail(message: string): never {
  throw new Error(message);
}
