import { debianProgram } from '../host/debian-package.ts';
import type { Program } from '../host/program.ts';

/** A Linux that runs as a process, with netem and cgroup v2, which the machine's own kernel may lack. What is found: its folder. */
export function guestLinux(): Program<string> {
  return debianProgram(
    ['user-mode-linux'],
    'Only Debian packages it for x86. Leave --netem out: the lab is whole without that worker',
    (directory) => directory,
  );
}
