import { unseenBadSides } from './bad-side.ts';
import type { MeasurementInput } from './input.ts';
import type { SliJudgement } from './sli.ts';
import type { RunRecord } from '../run-record.ts';

/** What the numbers stand on, and what is not known of them. */
export function dataQualityOf(input: MeasurementInput, slis: readonly SliJudgement[]): RunRecord['dataQuality'] {
  const { prometheusUrl } = input.plan.environment;
  const expected = input.rules.filter((rule) => input.plan.expectedAlerts.some((alert) => alert.alertname === rule.name));
  const intervals = (expected.length > 0 ? expected : input.rules).map((rule) => rule.intervalSeconds);
  const notes = [
    ...(input.clockOffsets.some((offset) => offset.upstream === prometheusUrl)
      ? []
      : ['The clock offset of Prometheus was not measured; it was taken as zero.']),
    ...slis
      .filter((sli) => sli.source.startsWith('samples'))
      .map(
        ({ source, windowSeconds }) =>
          `Impact and recovery are judged by ${source}${windowSeconds === 0 ? '' : `, which lag by up to the ${windowSeconds} s window of the query: the lower bounds are widened by it`}.`,
      ),
    ...input.timeline.filter((event) => event.kind === 'run.not-measured').map((event) => event.text),
    ...unseenBadSides(input).map(({ text }) => `${text}. It read 0 throughout, and so would one with a slip in its selector.`),
    ...(input.scrapeIntervalSeconds === null ? ['The scrape interval is not known; 15 s was taken.'] : []),
  ];
  return {
    clockOffsets: input.clockOffsets,
    scrapeIntervalSeconds: input.scrapeIntervalSeconds,
    evaluationIntervalSeconds: intervals.length === 0 ? null : Math.max(...intervals),
    notes,
  };
}
