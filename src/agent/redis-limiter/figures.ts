/** What a server says of its memory: the answer to INFO. */
export type RedisFigures = {
  readonly primary: boolean;
  /** As it is held against `maxmemory`: without the buffers of replicas and of the append-only file. */
  readonly usedBytes: number;
  /** Taken by the server itself, before there was any key. */
  readonly startupBytes: number;
  readonly keys: number;
  /** Of them, those that end by themselves. */
  readonly expiringKeys: number;
  readonly evictedKeys: number;
  /** Whether it counts refused writes: before 6.2 none does. */
  readonly countsRefusals: boolean;
  /** Writes that were refused for want of memory. */
  readonly refusedWrites: number;
};

/** Lines of `name:value`, in sections. A counter that has not begun is not given, and is 0. */
export function figuresOf(info: string): RedisFigures {
  const lines = info.split(/\r?\n/).map((line) => line.split(':'));
  const texts = new Map(lines.map(([name = '', value = '']) => [name, value]));
  const number = (name: string): number => Number(texts.get(name) ?? 0);
  const databases = lines.filter(([name = '']) => /^db\d+$/.test(name)).map(([, value = '']) => value);
  const sum = (part: string): number =>
    databases.reduce((total, text) => total + Number(new RegExp(`(?:^|,)${part}=(\\d+)`).exec(text)?.[1] ?? 0), 0);
  return {
    primary: texts.get('role') === 'master',
    usedBytes: number('used_memory') - number('mem_not_counted_for_evict'),
    startupBytes: number('used_memory_startup'),
    keys: sum('keys'),
    expiringKeys: sum('expires'),
    evictedKeys: number('evicted_keys'),
    countsRefusals: /^# Errorstats/m.test(info),
    refusedWrites: Number(/^count=(\d+)/.exec(texts.get('errorstat_OOM') ?? '')?.[1] ?? 0),
  };
}
