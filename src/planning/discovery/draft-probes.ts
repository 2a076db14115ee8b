import type { ProbeSource } from '../../domain/plan/plan.ts';
import type { Discovery } from './discovery.ts';
import { belowSeconds, belowShare, errorLimit } from './limits.ts';
import type { View } from './metric-shapes.ts';

/** A probe as files write it, and what there is to say of it. */
export interface DraftProbe {
  readonly name: string;
  readonly measures: 'errors' | 'latency';
  /** The share that the hypothesis allows; null for latency. */
  readonly share: number | null;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly says: string;
}

const names: Readonly<Record<View, string>> = { edge: 'edge-errors', client: 'client-errors', server: 'server-errors' };

const blindSpot =
  'Counted by the service itself: it cannot count requests that never reach it, so a dead process fails no request here.\nBetter, when you have it: the load balancer’s or the client’s counter, or an http probe.';

/** The checks, the nearest to the user first. Without anything nearer, what the service counts stands for its users. */
export function draftProbes({ errors, latency, scrapeSeconds }: Discovery): readonly DraftProbe[] {
  const all = [...errors, ...(latency === null ? [] : [latency])];
  const onlyInside = all.every(({ view }) => view === 'server');
  const intervalSeconds = Math.min(30, scrapeSeconds);
  const frame = (view: View): Record<string, unknown> => (view !== 'server' || onlyInside ? { userJourney: true } : {});
  const timing = { interval: `${intervalSeconds}s`, timeout: `${Math.min(3000, intervalSeconds * 800)}ms` };
  const noteOn = (first: boolean, text: string): string => (first && onlyInside ? `${text}\n${blindSpot}` : text);
  const ofErrors = errors.map((found, index): DraftProbe => {
    const share = errorLimit(found.now);
    return {
      name: names[found.view],
      measures: 'errors',
      share,
      fields: { ...frame(found.view), ...asked(found.source), must: belowShare(share), ...timing },
      says: noteOn(index === 0, `${found.because}.\nNow: ${Number((found.now * 100).toPrecision(3))}%.`),
    };
  });
  if (latency === null) return ofErrors;
  const ofLatency: DraftProbe = {
    name: 'latency',
    measures: 'latency',
    share: null,
    fields: { ...frame(latency.view), ...asked(latency.source), must: belowSeconds(latency.limitSeconds), ...timing },
    says: noteOn(
      errors.length === 0,
      `${latency.because}.\nNow: p99 ${Number((latency.now * 1000).toPrecision(3))}ms. The limit is the bound of a bucket: there the comparison is exact.`,
    ),
  };
  return [...ofErrors, ofLatency];
}

function asked(source: ProbeSource): Record<string, unknown> {
  switch (source.type) {
    case 'prometheus-ratio':
      return { ratio: { bad: source.bad, total: source.total } };
    case 'prometheus':
      return { query: source.query };
    case 'http':
      return { http: { url: source.url } };
  }
}
