import type { World } from './world.ts';

export interface Move {
  readonly name: string;
  readonly apply: (world: World) => World;
}

/** What may go wrong only so often. */
export function mishap(world: World): World {
  return { ...world, mishaps: world.mishaps - 1 };
}

/** Which injection, where there are two. */
export function labelOf({ lives }: World, index: number): string {
  return lives.length === 1 ? '' : ` ${index + 1}`;
}
