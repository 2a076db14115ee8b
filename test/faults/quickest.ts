/** Milliseconds of a few calls, one after the other, least first. One that failed (null) is infinitely long. */
async function timesOf(call: () => Promise<number | null>): Promise<readonly [number, number, number, number, number]> {
  const times: number[] = [];
  for (let calls = 0; calls < 5; calls += 1) times.push((await call()) ?? Infinity);
  return times.sort((a, b) => a - b) as [number, number, number, number, number];
}

/** Of the quickest of a few calls: one that a busy machine holds up says nothing, and what is slowed is slow each time. */
export async function quickestMs(call: () => Promise<number | null>): Promise<number> {
  return (await timesOf(call))[0];
}

/** The same where none may fail: infinite when one did. */
export async function quickestOfAnsweredMs(call: () => Promise<number | null>): Promise<number> {
  const times = await timesOf(call);
  return times[4] === Infinity ? Infinity : times[0];
}

/** Of the one in the middle: what is left of an effect on some calls alone is a part of it, and a busy machine holds up fewer. */
export async function middleMs(call: () => Promise<number | null>): Promise<number> {
  return (await timesOf(call))[2];
}
