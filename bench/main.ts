import { mkdirSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figures } from './figures/index.ts';
import { describeMachine } from './harness/machine.ts';
import { measure } from './harness/measure.ts';
import type { FigureResult } from './harness/measure.ts';
import { renderTable } from './harness/table.ts';

const usage = `usage: npm run bench -- [--platform host|kubernetes] [--trials N] [figure...]\n\n${figures.map(({ name, platform, summary }) => `  ${name} (${platform})\n      ${summary}`).join('\n')}\n`;

/** Measures one figure after the other, so that none disturbs another. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { trials: { type: 'string' }, platform: { type: 'string', default: 'host' } },
  });
  const trials = values.trials === undefined ? undefined : Number(values.trials);
  const chosen = figures.filter(({ name, platform }) =>
    positionals.length === 0 ? platform === values.platform : positionals.includes(name),
  );
  const unknown = positionals.filter((wanted) => !figures.some(({ name }) => name === wanted));
  if (chosen.length === 0 || unknown.length > 0 || (trials !== undefined && !(Number.isInteger(trials) && trials > 0))) {
    process.stderr.write(usage);
    return 2;
  }

  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const results: FigureResult[] = [];
  for (const figure of chosen) {
    if (interrupted.signal.aborted) break;
    results.push(await measure(figure, { signal: interrupted.signal, say, ...(trials === undefined ? {} : { trials }) }));
  }

  const machine = describeMachine();
  process.stdout.write(`${renderTable(results, machine)}\n\n${writeResults({ machine, figures: results })}\n`);
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

/** Returns the path of the JSON file. */
function writeResults(results: object): string {
  const directory = fileURLToPath(new URL('results/', import.meta.url));
  mkdirSync(directory, { recursive: true });
  const path = `${directory}${new Date().toISOString().replaceAll(':', '-')}.json`;
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  return relative(process.cwd(), path);
}

process.exitCode = await main();
