import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** kubelets set these for the whole machine; we put them back. */
const setByKubelets = [
  'kernel.panic',
  'kernel.panic_on_oops',
  'vm.overcommit_memory',
  'vm.panic_on_oom',
  'kernel.keys.root_maxkeys',
  'kernel.keys.root_maxbytes',
];

const ours: Readonly<Record<string, string>> = {
  // Every kubelet, containerd and pod wants a few.
  'fs.inotify.max_user_instances': '8192',
  // The bridge joins nodes: the machine's own rules have no say in what goes between them.
  'net.bridge.bridge-nf-call-iptables': '0',
};

const pathOf = (name: string): string => join('/proc/sys', name.replaceAll('.', '/'));

/** Sets what the lab needs, and gives what was there, to be put back. A setting this kernel lacks is left out. */
export function setSysctls(): Readonly<Record<string, string>> {
  const names = [...setByKubelets, ...Object.keys(ours)].filter((name) => existsSync(pathOf(name)));
  const former = names.map((name) => [name, readFileSync(pathOf(name), 'utf8').trim()] as const);
  for (const name of names.filter((each) => each in ours)) writeFileSync(pathOf(name), ours[name] ?? '');
  return Object.fromEntries(former);
}

export function restoreSysctls(former: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(former)) writeFileSync(pathOf(name), value);
}
