/** `<experiment>-<utc time>-<random>`: sorts by time within an experiment and is a file name on every system. */
export function createRunId(experiment: string, nowMs: number, random: () => number): string {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').slice(0, 15).toLowerCase();
  const suffix = Math.floor(random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `${experiment}-${time}-${suffix}`;
}
