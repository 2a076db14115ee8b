import type { EChartsOption } from 'echarts';
import type { RunRecord } from '../../domain/run-record.ts';
import { faultBandOf } from './fault-band.ts';
import { palette } from './palette.ts';
import { renderSvg } from './render-svg.ts';
import { pixelsOf, timeAxisOf, xAxisOption } from './time-axis.ts';

export interface Bar {
  readonly from: string;
  readonly to: string;
  /** Told apart by height and outline as well as by colour. */
  readonly look: 'full' | 'half' | 'hollow';
  readonly colour: keyof typeof palette;
}

export interface Row {
  readonly label: string;
  readonly bars: readonly Bar[];
  /** Diamonds. */
  readonly points: readonly string[];
  readonly remark: string;
}

const rowHeight = 40;

/** Rows of bars over the run's time, with the fault as a band behind them. */
export async function rowsChart(record: RunRecord, rows: readonly Row[], id: string, narrow: boolean): Promise<string> {
  const axis = timeAxisOf(record);
  const [width, left, right] = narrow ? [358, 4, 346] : [880, 4, 868];
  const height = rows.length * rowHeight + 36;
  const bottom = height - 32;
  const x = pixelsOf(axis, left, right);
  const fault = faultBandOf(record);
  const band = fault === null ? [] : [rect(x(fault.from), 0, x(fault.to) - x(fault.from), bottom, { fill: palette.band }, 0)];
  const option: EChartsOption = {
    grid: { left, right: width - right, top: 0, bottom: 32 },
    xAxis: {
      ...xAxisOption(axis, narrow),
      nameGap: 20,
    },
    yAxis: { type: 'value', show: false, min: 0, max: 1 },
    series: [],
    graphic: [...band, ...rows.flatMap((row, index) => drawn(row, index * rowHeight, x, left))],
  };
  return renderSvg(id, { width, height }, option);
}

type Shape = NonNullable<Extract<EChartsOption['graphic'], readonly unknown[]>>[number];

function drawn(row: Row, y: number, x: (at: string) => number, left: number): readonly Shape[] {
  const text = row.remark === '' ? row.label : `${row.label} · ${row.remark}`;
  return [
    { type: 'text', silent: true, z: 3, x: left, y: y + 3, style: { text, fill: palette.ink, fontSize: 11 } },
    ...row.bars.map((bar) => drawnBar(bar, y, x)),
    ...row.points.map((at): Shape => ({
      type: 'polygon',
      silent: true,
      z: 4,
      shape: {
        points: [
          [x(at), y + 19],
          [x(at) + 6, y + 26],
          [x(at), y + 33],
          [x(at) - 6, y + 26],
        ],
      },
      style: { fill: palette.ink, stroke: palette.paper, lineWidth: 1.5 },
    })),
  ];
}

function drawnBar({ from, to, look, colour }: Bar, y: number, x: (at: string) => number): Shape {
  const width = Math.max(2, x(to) - x(from));
  if (look === 'full') return rect(x(from), y + 19, width, 14, { fill: palette[colour] }, 2);
  if (look === 'half') return rect(x(from), y + 27, width, 6, { fill: palette[colour] }, 2);
  return rect(
    x(from) + 0.5,
    y + 19.5,
    width - 1,
    13,
    { fill: palette.paper, stroke: palette[colour], lineWidth: 1, lineDash: [3, 2] },
    2,
  );
}

function rect(x: number, y: number, width: number, height: number, style: object, z: number): Shape {
  return { type: 'rect', silent: true, z, shape: { x, y, width: Math.max(1, width), height }, style };
}
