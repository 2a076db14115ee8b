import { parseArgs } from 'node:util';
import { startRunner } from '../adapters/helpers/runner.ts';
import { answerAlive } from '../adapters/http/alive.ts';
import { runnerAlivePort } from '../install/names.ts';
import { aborted, askedToEnd } from './until-asked.ts';

const usage = 'usage: runner --socket PATH';

/** Starts helpers for the cluster's agent, in a container without its token. */
async function main(): Promise<number> {
  const asked = askedToEnd('SIGTERM', 'SIGINT');
  const { values } = parseArgs({ options: { socket: { type: 'string' } } });
  const { socket } = values;
  if (socket === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const runner = await startRunner(socket, (line) => void process.stderr.write(`${line}\n`));
  answerAlive(runnerAlivePort, null);
  await aborted(asked);
  await runner.close();
  return 0;
}

process.exit(await main());
