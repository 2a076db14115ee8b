import type { Discovery } from '../../planning/discovery/discovery.ts';
import { environmentPath, namesFor, policyPath } from '../../planning/discovery/draft-names.ts';
import type { Command } from './command.ts';

export const init: Command<{ prometheus?: string; selector: string }> = {
  name: 'init',
  summary: 'look at what a Prometheus has of a service, and draft a first experiment on it',
  options: (yargs) =>
    yargs.option('prometheus', { type: 'string', describe: 'its URL (default: that of --environment)' }).option('selector', {
      type: 'string',
      demandOption: true,
      describe: 'a service: its name, or label matchers such as \'service="payments-api"\'',
    }),
  async run({ prometheus, selector, environment }, output) {
    const environmentFile = environment ?? null;
    const { initWorkspaceHere } = await import('../../compose/init-workspace.ts');
    const { found, written } = await initWorkspaceHere({ prometheus, selector, environmentFile });
    const next = nextSteps(found, environmentFile);
    output.answer(
      { found, written, next },
      [...summary(found), ...written.map((path) => `wrote     ${path}`), '', 'next', ...next.map((line) => `  ${line}`)].join(
        '\n',
      ),
    );
    return 0;
  },
};

function summary(found: Discovery): string[] {
  const { errors, latency, alerts, recordings, leftOut } = found;
  const probes = [...errors, ...(latency === null ? [] : [latency])];
  return [
    `found     {${found.matchers}} at ${found.prometheusUrl}: ${found.metricCount} metrics, scraped every ${found.scrapeSeconds} s`,
    ...probes.map(
      ({ because, measures, now }) =>
        `probe     ${because}; now ${measures === 'errors' ? `${Number((now * 100).toPrecision(3))} %` : `p99 ${Number((now * 1000).toPrecision(3))} ms`}`,
    ),
    ...alerts.map(
      ({ name, expected, active }) =>
        `alert     ${name}${expected ? '' : ', not expected'}${active ? ', PENDING OR FIRING NOW' : ''}`,
    ),
    ...recordings.map(({ name }) => `recorded  ${name}`),
    ...leftOut.map(({ metric, why }) => `left out  ${metric}: ${why}`),
  ];
}

function nextSteps({ service }: Discovery, environmentFile: string | null): string[] {
  const names = namesFor(service);
  const file = environmentFile ?? environmentPath;
  return [
    environmentFile === null
      ? `put the true pid files into ${file}`
      : `list the processes of ${names.service} under services in ${file}, and allow it in the agent's policy`,
    'firedrill validate',
    `firedrill plan experiments/${names.experiment}.yaml --environment ${file}`,
    ...(environmentFile === null ? [`firedrill agent --policy ${policyPath} --environment ${file}`] : []),
    `firedrill worker --environment ${file}`,
    `firedrill doctor --environment ${file}`,
    `firedrill run experiments/${names.experiment}.yaml --environment ${file}`,
  ];
}
