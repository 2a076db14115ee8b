/** Turns the fallback of the fraud check on or off, on every replica. */
export async function setFallback(replicas: readonly string[], enabled: boolean, signal: AbortSignal): Promise<void> {
  for (const replica of replicas) {
    const answer = await fetch(`${replica}/admin/fallback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ enabled }),
      signal,
    });
    if (!answer.ok) throw new Error(`${replica} refused the fallback: ${answer.status}`);
  }
}
