import type { LeftOut } from '../planning/discovery/candidates.ts';
import type { Discovery } from '../planning/discovery/discovery.ts';
import type { Selection } from '../planning/discovery/selection.ts';
import { findRules } from './find-rules.ts';
import { nothingThere, nothingUsable, selectionsFor } from './name-service.ts';
import { surveyService } from './survey-service.ts';
import type { DiscoveryDeps, Survey } from './survey-service.ts';
import { unlessRefused } from './unless-refused.ts';

/**
 * What there is of a service in a Prometheus, and which probes on it give data now. A bare name is looked for in every label;
 * the label with the best probes wins. Errors: `target/none` with what was looked for and what is there; as the port.
 */
export async function discoverService(selection: Selection, deps: DiscoveryDeps): Promise<Discovery> {
  const surveys: Survey[] = [];
  for (const matchers of await selectionsFor(selection, deps.metrics)) surveys.push(await surveyService(matchers, deps));
  const best = surveys.toSorted((a, b) => worth(b) - worth(a))[0];
  if (best === undefined) throw await nothingThere(selection, deps);
  if (worth(best) === 0) throw nothingUsable(surveys, deps.prometheusUrl);

  const unknown: LeftOut[] = [];
  const orNone = <T>(what: string, asked: Promise<T>, none: T): Promise<T> =>
    unlessRefused(asked, (why) => {
      unknown.push({ metric: what, why });
      return none;
    });
  const read = [...best.errors.map(({ metric }) => metric), ...(best.latency === null ? [] : [best.latency.metric])];
  const about = { matchers: best.matchers, metrics: best.metrics, read };
  const [rules, alertmanagers] = await Promise.all([
    orNone('rules', findRules(about, deps.metrics), { alerts: [], recordings: [] }),
    orNone('Alertmanagers', deps.metrics.alertmanagers(), []),
  ]);
  const { metrics, ...found } = best;
  return {
    ...found,
    ...rules,
    prometheusUrl: deps.prometheusUrl,
    service: selection.name,
    leftOut: [...best.leftOut, ...unknown],
    metricCount: metrics.length,
    alertmanagers: [...new Set(alertmanagers)],
  };
}

/** Users' own view counts most, then any errors, then latency. */
function worth({ errors, latency }: Survey): number {
  const outside = errors.some(({ view }) => view !== 'server');
  return (outside ? 4 : 0) + (errors.length > 0 ? 2 : 0) + (latency === null ? 0 : 1);
}
