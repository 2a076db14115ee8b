/** Linux counts in hundredths of a second, whatever its timer does. */
const ticksPerSecond = 100;

/** What a process has used of processors until now, in user and system, from its `/proc/PID/stat`. */
export function processorSeconds(stat: string): number {
  // Its name may hold spaces and brackets: the fields that count begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
