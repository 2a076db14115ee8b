import { http } from './http.ts';
import type { Probe, ProbeContext, ProbeOf } from './probe.ts';
import { problem } from './probe.ts';
import { prometheusRatio } from './prometheus-ratio.ts';
import { prometheus } from './prometheus.ts';
import { messageOf } from '../domain/errors.ts';
import type { Reading } from '../domain/measure/sample.ts';
import type { PlannedProbe, ProbeSource } from '../domain/plan/plan.ts';

/** Every member, by the `type` of its source. */
export const probes: { readonly [Type in ProbeSource['type']]: Probe<Type> } = {
  http,
  prometheus,
  'prometheus-ratio': prometheusRatio,
};

export interface Probes {
  /** One reading. Never throws and never outlasts the probe's timeout, which is always shorter than its interval. */
  read(probe: PlannedProbe, signal: AbortSignal): Promise<Reading>;
}

/** The share of an interval a sample may take: samples must never queue up behind a slow upstream. */
const largestShare = 0.9;

export function createProbes(context: ProbeContext): Probes {
  return {
    async read(probe, signal) {
      const timeoutMs = 1000 * Math.min(probe.timeoutSeconds, probe.intervalSeconds * largestShare);
      try {
        return await sampleOf(context, probe, { signal, timeoutMs });
      } catch (error) {
        return problem('error', messageOf(error));
      }
    },
  };
}

function sampleOf<Type extends ProbeSource['type']>(
  context: ProbeContext,
  probe: PlannedProbe & { readonly source: { readonly type: Type } },
  options: { signal: AbortSignal; timeoutMs: number },
): Promise<Reading> {
  const member: Probe<Type> = probes[probe.source.type];
  return member.sample(context, probe as ProbeOf<Type>, options);
}
