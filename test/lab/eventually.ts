/** Waits until the expectation holds; fails with its last failure. */
export async function eventually(expectation: () => Promise<void> | void, withinMs = 20_000): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
