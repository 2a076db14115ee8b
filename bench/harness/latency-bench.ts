import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPermit } from '../../src/activities/permit-writer.ts';
import { allTerminal } from '../../src/activities/injection-watch.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { benchSpec, startAgentBench } from './agent-bench.ts';
import { startProgram } from './program.ts';

const linkCount = 6;
const delay = '100ms';

/** What one run did to all links, as the agent stamped it and as a reader of its records saw it. */
export interface LatencyRun {
  /** At the end: every injection is reverted, and that is verified. */
  readonly statuses: readonly InjectionStatus[];
  /** From before the permit that says revert was written, until a reader had the last verified revert. */
  readonly revertMs: number;
}

export interface LatencyBench extends AsyncDisposable {
  /** Slows six links together and gives them back: arm, release, verify, revert, verify. */
  run(runId: string): Promise<LatencyRun>;
}

/** `network-latency` on six relays, each a process of its own before a real service, by a real agent process. */
export async function startLatencyBench(): Promise<LatencyBench> {
  await using parts = new AsyncDisposableStack();
  const agent = parts.use(await startAgentBench({ allowFaults: ['network-latency'], allowServices: ['payments-api'] }));
  const upstream = await startProgram([fileURLToPath(new URL('upstream.ts', import.meta.url))]);
  parts.defer(() => upstream.stop('SIGKILL'));
  const targets: TargetRef[] = [];
  for (let ordinal = 1; ordinal <= linkCount; ordinal += 1) {
    const control = join(agent.directory, `relay-${ordinal}.sock`);
    const entry = fileURLToPath(new URL('../../src/agent/relay/main.ts', import.meta.url));
    const relay = await startProgram([entry, '--listen', '127.0.0.1:0', '--upstream', upstream.firstLine, '--control', control]);
    parts.defer(() => relay.stop('SIGKILL'));
    const { listen } = JSON.parse(relay.firstLine) as { listen: string };
    targets.push({ kind: 'link', service: 'payments-api', name: `link-${ordinal}`, uid: listen, locator: { listen, control } });
  }
  const owned = parts.move();

  return {
    async run(runId) {
      const params = { delay, probePath: '/' };
      const specs = targets.map((target, index) => benchSpec({ runId, fault: 'network-latency', params, target }, index + 1));
      const permit = await openPermit(agent.store, runId);
      await permit.renew();
      for (const spec of specs) await agent.store.writeSpec(spec);
      await agent.injectionsWhen('every injection armed', specs, inPhase('armed'));
      await permit.release(1);
      await agent.injectionsWhen('every injection verified', specs, inPhase('active'));
      const from = performance.now();
      await permit.revert();
      const { statuses } = await agent.injectionsWhen('every revert verified', specs, allTerminal);
      const revertMs = performance.now() - from;
      const bad = statuses.find(({ phase, cause }) => phase !== 'reverted' || cause !== 'asked');
      if (bad !== undefined)
        throw new AppError('fault/revert-failed', `${bad.id} is ${bad.phase}, cause ${bad.cause}, not reverted`);
      return { statuses, revertMs };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  function inPhase(phase: InjectionStatus['phase']) {
    return ({ statuses }: { readonly statuses: readonly InjectionStatus[] }): boolean =>
      statuses.length === linkCount && statuses.every((status) => status.phase === phase);
  }
}
