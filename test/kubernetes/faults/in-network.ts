import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { Sandbox } from './cluster.ts';

/** Any process of the pod, as its node numbers it, whichever driver has named the cgroup. */
const program = `
const fs = require('node:fs'), [uid, ...argv] = process.argv.slice(1);
const isIts = (pid) => { try { return fs.readFileSync('/proc/' + pid + '/cgroup', 'utf8').replaceAll('_', '-').includes(uid); } catch { return false; } };
const pid = fs.readdirSync('/proc').find((name) => /^\\d+$/.test(name) && isIts(name));
process.stdout.write(require('node:child_process').execFileSync('nsenter', ['--target', pid, '--net', '--', ...argv]));`;

/** A command of somebody else in the network of a link's pod, by way of the sandbox's node agent: `faultInPod` has made it. */
export async function inNetworkOf({ namespace }: Sandbox, target: TargetRef, command: string): Promise<string> {
  const { podUid } = target.locator as { podUid: string };
  const node = ['--', '/usr/bin/node', '-e', program, podUid];
  return kubectl('exec', '--namespace', namespace, 'agent', '--container', 'agent', ...node, ...command.split(' '));
}

/** All queues and devices there, word for word. */
export async function stateOf(sandbox: Sandbox, target: TargetRef): Promise<string> {
  const said = [];
  for (const command of ['tc -j qdisc show', 'ip -j link show']) said.push(await inNetworkOf(sandbox, target, command));
  return said.join('\n');
}
