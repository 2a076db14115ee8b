/** Milliseconds. How patient the agent is; leases and deadlines come with each injection. */
export const timings = {
  /** Between two looks for the effect while it comes up. */
  verifyEveryMs: 50,
  /** An effect that was not seen this long after inject ended is not there. */
  verifyWithinMs: 10_000,
  /** Between two looks whether the effect is still there. */
  recheckEveryMs: 3_000,
  /** One absent read may be noise of the measurement; this many in a row are not. */
  absentReadsToLift: 2,
  absentRecheckMs: 250,
  holdEveryMs: 1_000,
  adjustEveryMs: 1_000,
  /** How long an aborted inject may take to stop before revert starts beside it. */
  abortGraceMs: 500,
  readBackEveryMs: 100,
  readBacksPerRevert: 20,
  revertBackoffMs: 250,
  revertBackoffMaxMs: 5_000,
  /** Failed reverts, or time since the first, after which the injection is called stuck. It goes on trying. */
  stuckAfterFailures: 5,
  stuckAfterMs: 30_000,
} as const;
