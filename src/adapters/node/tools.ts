import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import type { ContainerCgroup, ContainerProcess, Namespace, NodeTools } from '../../faults/node-tools.ts';
import { runCommand, type Programs } from '../host/commands.ts';
import { startHelper } from '../helpers/helper-child.ts';
import { cgroupFrom, readCgroupMounts } from './cgroups.ts';
import { containerProcesses } from './container-processes.ts';

/**
 * What an agent on a node lends to its faults. It needs the node's process namespace, and no path of the node. `firstPid`: the
 * node's first process, for one who sees several nodes' processes. `programs`: where a command is that is not on the PATH.
 */
export function createNodeTools(nodeName: string, firstPid = 1, programs: Programs = {}): NodeTools {
  const processes = containerProcesses('/proc', firstPid);

  const assertThere = (process: ContainerProcess): void => {
    if (processes.isSame(process)) return;
    throw new AppError('target/none', `process ${process.pid} of the container on ${nodeName} has ended. Plan again`);
  };
  const entering = ({ pid }: ContainerProcess, namespaces: readonly Namespace[]): readonly string[] =>
    namespaces.length === 0 ? [] : ['nsenter', '--target', String(pid), ...namespaces.map((name) => options[name]), '--'];
  const readCgroup = async (process: ContainerProcess): Promise<ContainerCgroup> => {
    assertThere(process);
    // As the node's first process sees it: in another cgroup namespace the same path is another.
    const path = `/proc/${process.pid}/cgroup`;
    const { code, stdout, stderr } = await runCommand(['nsenter', '--target', String(firstPid), '--cgroup', '--', 'cat', path]);
    if (code !== 0) throw new AppError('upstream/refused', `${path} could not be read: ${stderr.trim()}. Plan again`);
    return cgroupFrom(stdout, await readCgroupMounts(firstPid), firstPid);
  };

  return {
    nodeName,
    findContainer: async ({ podUid, containerId }) => processes.find(podUid, containerId),
    findPod: async (podUid) => processes.find(podUid),
    processesOf: async (podUid) => processes.all(podUid),
    async runIn(process, namespaces, argv, options) {
      assertThere(process);
      const [program = '', ...rest] = argv;
      return runCommand([...entering(process, namespaces), programs[program] ?? program, ...rest], options);
    },
    pathIn: ({ pid }, path) => `/proc/${pid}/root${join('/', path)}`,
    cgroupOf: readCgroup,
    async startHelperIn(process, namespaces, name, config) {
      assertThere(process);
      return startHelper(name, config, entering(process, namespaces));
    },
  };
}

const options: Readonly<Record<Namespace, string>> = {
  net: '--net',
  mnt: '--mount',
  pid: '--pid',
  ipc: '--ipc',
  uts: '--uts',
  cgroup: '--cgroup',
};
