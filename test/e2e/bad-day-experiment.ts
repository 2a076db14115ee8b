import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** What differs between bad days; the rest is as small as it may be, and quick where a busy machine is no reason to end a run. */
export interface Day {
  /** Asked by the one abort probe. */
  readonly query?: string;
  readonly probe?: object;
  readonly hold?: string;
  /** Short where a test waits for its lapse. */
  readonly lease?: string;
  readonly baseline?: string;
  readonly expectAlert?: boolean;
  /** A second file is made in another place after the first, and takes seconds to be taken away: time to see that the first is still there. */
  readonly inTurn?: boolean;
  /** A person makes the file, and takes it away. */
  readonly byHand?: boolean;
  /** Steps of the hook that differ; each is a shell line, in which `$0` is the file that breaks the shop. */
  readonly steps?: { readonly inject?: string; readonly verify?: string; readonly revert?: string };
}

/** Writes an experiment that breaks the shop by making a file, and its hypothesis. Returns the path of the experiment. */
export function writeExperiment(directory: string, shopPort: number, day: Day = {}): string {
  const broken = join(directory, 'shop', 'broken');
  const desk = join(directory, 'desk', 'broken');
  const experiment = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Experiment',
    metadata: { name: 'break-shop' },
    spec: {
      hypotheses: ['shop-answers'],
      hold: day.hold ?? '30s',
      lease: day.lease ?? '10s',
      baseline: day.baseline ?? '1s',
      recovery: { stable: '500ms', timeout: '3s' },
      grace: '0s',
      ...(day.inTurn === true ? { order: 'in-turn', stageHold: '5s' } : {}),
      faults: [
        day.byHand === true ? breakingByHand : breaking('files', broken, day.steps),
        ...(day.inTurn === true ? [breaking('desk', desk, { revert: 'sleep 4; rm -f "$0"' })] : []),
      ],
      abort: [
        {
          probe: {
            name: 'queue',
            query: day.query ?? 'shop_queue',
            must: '< 100',
            interval: '1s',
            timeout: '900ms',
            maxAge: '30s',
            // A busy machine makes Prometheus late: tests of blindness say themselves how soon it ends a run.
            holdAfter: '30s',
            abortAfter: '60s',
            ...day.probe,
          },
        },
      ],
      expectedAlerts: day.expectAlert === true ? [{ alert: 'ShopBroken', severity: 'page', within: '20s' }] : [],
    },
  };
  const hypothesis = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Hypothesis',
    metadata: { name: 'shop-answers' },
    spec: {
      statement: 'The shop answers while it is broken',
      // Asked of the shop itself: it goes on to be seen when the metrics do not.
      checks: [
        {
          name: 'answers',
          kind: 'hold',
          http: { url: `http://127.0.0.1:${shopPort}/` },
          must: '== 0',
          // The shop answers at once; who asks may be held up on a busy machine, and that is not what is tested.
          interval: '1s',
          timeout: '900ms',
        },
      ],
    },
  };
  writeFileSync(join(directory, 'hypotheses', 'shop-answers.yaml'), stringify(hypothesis));
  const path = join(directory, 'experiments', 'break-shop.yaml');
  writeFileSync(path, stringify(experiment));
  return path;
}

const breakingByHand = {
  fault: 'manual',
  target: { service: 'shop', volume: 'files' },
  params: { instruction: 'Make the file', revertInstruction: 'Take the file away', within: '1m' },
};

/** Makes that file, and takes it away. */
function breaking(volume: string, file: string, steps: Day['steps']): object {
  const shell = (line: string | undefined, command: readonly string[]) => ({
    command: line === undefined ? command : ['sh', '-c', line, file],
  });
  return {
    fault: 'hook',
    target: { service: 'shop', volume },
    params: {
      inject: shell(steps?.inject, ['touch', file]),
      verify: shell(steps?.verify, ['test', '-e', file]),
      revert: shell(steps?.revert, ['rm', '-f', file]),
      verifyReverted: { command: ['test', '!', '-e', file] },
    },
  };
}
