import type { EChartsOption } from 'echarts';
import { inUnit, ruleInUnit } from '../../domain/in-unit.ts';
import { isDecided } from '../../domain/measure/sample.ts';
import type { Sample } from '../../domain/measure/sample.ts';
import type { PlannedProbe } from '../../domain/plan/plan.ts';
import type { ClockName, RunRecord } from '../../domain/run-record.ts';
import { clockWords } from '../wording/definitions.ts';
import { secondsBetween } from '../wording/times.ts';
import { faultBandOf } from './fault-band.ts';
import { palette } from './palette.ts';
import { renderSvg } from './render-svg.ts';
import { pixelsOf, timeAxisOf, xAxisOption } from './time-axis.ts';
import type { TimeAxis } from './time-axis.ts';

const marked: readonly ClockName[] = ['t0', 'impact', 'fired', 'notified', 'acted', 'recovered', 'reverted'];
const labelRow = 14;

/** Intervals between two samples beyond which something is missing between them. */
const largestGap = 2.5;

/** Seconds from T0, and the value; ECharts breaks the line at `-`. */
type Point = [number, number | '-'];

/** One probe's values with its threshold, the fault as a band and the clocks as lines. Gaps are unknown, bad is a triangle. */
export async function sliChart(record: RunRecord, probe: PlannedProbe, id: string, narrow: boolean): Promise<string> {
  const axis = timeAxisOf(record);
  const [width, left, right] = narrow ? [358, 48, 346] : [880, 64, 868];
  const x = pixelsOf(axis, left, right);
  const labels = placed(record, x, right);
  const rows = labels.reduce((most, { row }) => Math.max(most, row + 1), 1);
  const top = rows * labelRow + 10;
  const height = top + (narrow ? 150 : 190) + 40;
  const samples = record.samples.filter(({ probe: name }) => name === probe.name);
  const points = pointsOf(samples, probe, axis);
  const bad = samples.flatMap(({ at, value, class: kind }) =>
    kind === 'bad' && value !== null ? [[secondsBetween(axis.zero, at), value]] : [],
  );
  const highest = samples.reduce((most, { value }) => Math.max(most, value ?? most), probe.threshold);
  // A hard limit far above all that was seen would flatten what is to be seen; the caption names it.
  const limits = [
    { word: 'good', rule: probe },
    ...(probe.hardLimit === null || probe.hardLimit.threshold > highest ? [] : [{ word: 'always', rule: probe.hardLimit }]),
  ];
  const lowest = samples.reduce((least, { value }) => Math.min(least, value ?? least), 0);
  const fault = faultBandOf(record);
  const seconds = (at: string) => secondsBetween(axis.zero, at);
  const option: EChartsOption = {
    grid: { left, right: width - right, top, bottom: 40 },
    xAxis: xAxisOption(axis, narrow),
    yAxis: {
      type: 'value',
      min: lowest,
      max: highest * 1.15 || 1,
      splitNumber: 4,
      ...(probe.unit === 'count' ? { minInterval: 1 } : {}),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        color: palette.soft,
        fontSize: 11,
        showMaxLabel: false,
        formatter: (value: number) => inUnit(value, probe.unit),
      },
      splitLine: { lineStyle: { color: palette.hair } },
    },
    series: [
      {
        type: 'line',
        data: points,
        showSymbol: false,
        silent: true,
        lineStyle: { color: palette.line, width: 1.75 },
        itemStyle: { color: palette.line },
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: palette.ink, type: [5, 4], width: 1 },
          label: {
            position: 'insideEndTop',
            color: palette.ink,
            fontSize: 11,
          },
          data: limits.map(({ word, rule }) => ({
            yAxis: rule.threshold,
            label: { formatter: `${word}: ${ruleInUnit(rule, probe.unit)}` },
          })),
        },
        ...(fault === null
          ? {}
          : {
              markArea: {
                silent: true,
                itemStyle: { color: palette.band },
                data: [[{ xAxis: seconds(fault.from) }, { xAxis: seconds(fault.to) }]],
              },
            }),
      },
      { type: 'scatter', data: bad, symbol: 'triangle', symbolSize: 7, silent: true, itemStyle: { color: palette.mark } },
    ],
    graphic: labels.flatMap(({ text, at, row, textX }) => [
      {
        type: 'line' as const,
        silent: true,
        z: 5,
        shape: { x1: at, x2: at, y1: row * labelRow + 14, y2: height - 40 },
        style: { stroke: palette.soft, lineWidth: 1, lineDash: [2, 2] },
      },
      {
        type: 'text' as const,
        silent: true,
        z: 6,
        x: textX,
        y: row * labelRow + 2,
        style: { text, fill: palette.ink, fontSize: 11, fontWeight: text === 'T0' ? 700 : 400 },
      },
    ]),
  };
  return renderSvg(id, { width, height }, option);
}

/** The decided values. No line leads over what was not seen, or is not in the record. */
function pointsOf(samples: readonly Sample[], { intervalSeconds }: PlannedProbe, { zero }: TimeAxis): Point[] {
  let last = -Infinity;
  return samples.flatMap((sample): Point[] => {
    const at = secondsBetween(zero, sample.at);
    const isGap = at - last > largestGap * intervalSeconds;
    last = at;
    return [...(isGap ? [[at, '-'] satisfies Point] : []), [at, isDecided(sample) && sample.value !== null ? sample.value : '-']];
  });
}

interface Label {
  readonly text: string;
  readonly at: number;
  readonly row: number;
  readonly textX: number;
}

/** Labels that would touch go one row lower. */
function placed(record: RunRecord, x: (at: string) => number, right: number): readonly Label[] {
  const instants = marked.flatMap((name) => {
    const instant = record.clocks[name];
    return instant === null ? [] : [{ name, at: x(instant.at) }];
  });
  const ends: number[] = [];
  return instants
    .sort((a, b) => a.at - b.at)
    .map(({ name, at }) => {
      const text = clockWords[name].label;
      const width = text.length * 6 + 8;
      const textX = Math.min(at - 1, right - width + 8);
      const free = ends.findIndex((end) => end <= textX);
      const row = free === -1 ? ends.length : free;
      ends[row] = textX + width;
      return { text, at, row, textX };
    });
}
