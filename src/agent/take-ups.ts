/** So many at a time: whoever finds hundreds would ask for all of them at once, and get no answer in time. */
const lanesAtMost = 16;

/** Injections that are being taken up, or wait for their turn. Nobody waits for them but whoever asks. */
export interface TakeUps {
  add(ids: readonly string[]): void;
  has(id: string): boolean;
  /** Resolves when all that was added so far has been tried once. */
  tried(): Promise<unknown>;
  size(): number;
}

/** `takeUp` never throws. */
export function createTakeUps(takeUp: (id: string) => Promise<void>): TakeUps {
  const ids = new Set<string>();
  const waiting: string[] = [];
  const lanes = new Set<Promise<void>>();

  const runLane = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      await takeUp(id);
      ids.delete(id);
    }
  };

  return {
    add(added) {
      added.forEach((id) => ids.add(id));
      waiting.push(...added);
      while (waiting.length > 0 && lanes.size < lanesAtMost) {
        const lane: Promise<void> = runLane().finally(() => lanes.delete(lane));
        lanes.add(lane);
      }
    },
    has: (id) => ids.has(id),
    tried: () => Promise.all(lanes),
    size: () => ids.size,
  };
}
