/** A process that dies at its n-th call outwards: from then on nothing it calls happens, and nothing ever answers. */
export interface CrashPoint {
  wrap<T extends object>(port: T): T;
  dead(): boolean;
  /** Resolves when the fatal call, if it was made, has left nothing under way: the next life sees a world at rest. */
  settled(): Promise<unknown>;
}

/** `performed`: the fatal call still happens, but its answer never comes. */
export function createCrashPoint(fatalCall: number, performed: boolean): CrashPoint {
  let calls = 0;
  let dead = false;
  let last: Promise<unknown> = Promise.resolve();
  const never = new Promise<never>(() => {});

  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, key, receiver) {
        const member: unknown = Reflect.get(target, key, receiver);
        if (typeof member !== 'function' || key === 'claims') return member;
        return (...args: unknown[]): unknown => {
          if (dead) return never;
          calls += 1;
          if (calls !== fatalCall) return member.apply(target, args);
          dead = true;
          if (performed) last = Promise.resolve(member.apply(target, args)).catch(() => {});
          return never;
        };
      },
    });

  return { wrap, dead: () => dead, settled: () => last };
}
