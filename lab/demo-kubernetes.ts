import type { ChildProcess } from 'node:child_process';
import { clusterUp } from './kubernetes/cluster.ts';
import { demoUp } from './kubernetes/demo/deployment.ts';
import { endProcess, firedrillCommand, startWorker } from './firedrill-processes.ts';
import { waitUntilQuiet } from './quiet.ts';

const experiment = process.argv[2] ?? 'experiments/pod-kill.yaml';

/**
 * One experiment in a real cluster, as a person would run it. The cluster, the demo system and the agents stay up, for they cost
 * minutes: `npm run cluster:down` ends them all.
 */
async function demo(): Promise<number> {
  const say = (line: string): void => console.log(line);
  await clusterUp(say, { netem: false });
  const site = await demoUp('light', say);
  const install = ['install', '--image', 'firedrill.local/agent:dev', '--namespaces', 'payments'];
  if ((await firedrillCommand(site, install, 'inherit')) !== 0) throw new Error('the agents could not be installed');
  const parts: ChildProcess[] = [];
  try {
    await startWorker(site, parts);
    await waitUntilQuiet(site);
    say(`\nRunning ${experiment}.\n`);
    return await firedrillCommand(site, ['run', experiment], 'inherit');
  } finally {
    await Promise.all(parts.map(endProcess));
  }
}

process.exitCode = await demo();
