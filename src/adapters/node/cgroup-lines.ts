/** One line of /proc/<pid>/cgroup. Version 2 has one line, without controllers. */
export interface CgroupLine {
  readonly controllers: readonly string[];
  readonly path: string;
}

export function parseCgroupLines(text: string): readonly CgroupLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, controllers = '', ...path] = line.split(':');
      return { controllers: controllers.split(',').filter((name) => name !== ''), path: path.join(':') };
    });
}

/**
 * Whether these lines put a process into the pod, and into the container where one is named. The cgroupfs driver writes
 * `/kubepods/burstable/pod<uid>/<id>`, systemd's `kubepods-burstable-pod<uid with _>.slice/cri-containerd-<id>.scope`; a reader
 * in a cgroup namespace of its own sees `/../../pod<uid>/<id>`.
 */
export function isInPod(text: string, podUid: string, containerId?: string): boolean {
  const names = [`pod${podUid}`, `pod${podUid.replaceAll('-', '_')}`];
  return parseCgroupLines(text).some(
    ({ path }) => names.some((name) => path.includes(name)) && (containerId === undefined || path.includes(containerId)),
  );
}
