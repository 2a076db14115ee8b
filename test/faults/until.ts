/** Waits for a condition, looking every 20 ms; fails saying what never came. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, timeoutMs = 10_000): Promise<void> {
  if (!(await isSeen(holds, timeoutMs))) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
}

/** Whether any look in that time sees it, of what a busy machine may hold up for a moment. */
export async function isSeen(holds: () => Promise<boolean> | boolean, withinMs: number): Promise<boolean> {
  const endsAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > endsAt) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
