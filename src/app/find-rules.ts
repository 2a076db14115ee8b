import type { Discovery, FoundAlert } from '../planning/discovery/discovery.ts';
import { detectionSeconds, metricsOf, namesSelection, questionOf, tellingLabels } from '../planning/discovery/rules-about.ts';
import type { MetricsSource, RecordingRule } from '../ports/metrics.ts';

interface About {
  readonly matchers: string;
  /** Metrics that the service has. */
  readonly metrics: readonly string[];
  /** Metrics that the chosen probes read. */
  readonly read: readonly string[];
}

/** The rules that are about the service: by their labels, or because they read series of it that are there now. */
export async function findRules(about: About, source: MetricsSource): Promise<Pick<Discovery, 'alerts' | 'recordings'>> {
  const [alertRules, recordingRules, active] = await Promise.all([
    source.alertRules(),
    source.recordingRules(),
    source.instant('ALERTS'),
  ]);
  const busy = new Set(active.series.map(({ labels }) => labels['alertname']));
  const metrics = new Set(about.metrics);
  const isAbout = async (rule: Pick<RecordingRule, 'query' | 'labels'>): Promise<boolean> => {
    if (namesSelection(rule, about.matchers)) return true;
    const question = questionOf(rule, metrics, about.matchers);
    return question !== null && (await source.instant(question)).series.length > 0;
  };
  const alerts: FoundAlert[] = [];
  for (const rule of alertRules) {
    if (!(await isAbout(rule))) continue;
    const severity = rule.labels['severity'] ?? null;
    const reads = metricsOf(rule);
    alerts.push({
      name: rule.name,
      query: rule.query,
      // A template is filled in for each alert: nothing to compare with before it fires.
      severity: severity?.includes('{{') === true ? null : severity,
      labels: tellingLabels(rule, about.matchers),
      detectionSeconds: detectionSeconds(rule),
      expected: reads.some((metric) => metric === 'up' || about.read.includes(metric)),
      active: busy.has(rule.name),
    });
  }
  const recordings: { name: string; query: string }[] = [];
  for (const rule of recordingRules) if (await isAbout(rule)) recordings.push({ name: rule.name, query: rule.query });
  return { alerts, recordings };
}
