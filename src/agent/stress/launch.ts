import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

// A gate: joins a container's cgroup, waits for one line, and becomes the program. So it is in there from its first instruction,
// and nothing of ours is besides. Arguments: `first` where the kernel's memory killer is to take it before the container, the
// cgroup's directories, `--`, the program and its arguments.
const [order, ...argv] = process.argv.slice(2);
const split = argv.indexOf('--');
const [program = '', ...rest] = argv.slice(split + 1);

if (order === 'first') writeFileSync('/proc/self/oom_score_adj', '1000');
for (const directory of argv.slice(0, split)) writeFileSync(join(directory, 'cgroup.procs'), String(process.pid));
process.stdout.write('joined\n');
process.stdin.once('data', () => process.execve?.(program, [program, ...rest], process.env));
process.stdin.once('end', () => process.exit(0));
