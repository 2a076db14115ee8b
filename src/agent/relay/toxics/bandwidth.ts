/** About one segment: a large answer trickles instead of coming in lumps. */
const segmentBytes = 1448;
const slicesPerSecond = 20;

/** When a line that is busy until then has passed `bytes` that arrive now. All connections of a link share its line. */
export function lineFreeAt(busyUntil: number, now: number, bytes: number, bytesPerSecond: number): number {
  return Math.max(now, busyUntil) + (bytes / bytesPerSecond) * 1000;
}

/** How much passes in one go at this speed. */
export function sliceBytes(bytesPerSecond: number): number {
  return Math.max(segmentBytes, Math.floor(bytesPerSecond / slicesPerSecond));
}
