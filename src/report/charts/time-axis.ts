import type { RunRecord } from '../../domain/run-record.ts';
import { secondsBetween } from '../wording/times.ts';
import { palette } from './palette.ts';

/** Beyond this, people count in minutes. */
const longSeconds = 600;

/** Every drawing of a run shares one axis: seconds from T0, or from the start when there was no T0. */
export interface TimeAxis {
  readonly zero: string;
  readonly from: number;
  readonly to: number;
  /** What the ticks count; positions are seconds all the same. */
  readonly unit: 'seconds' | 'minutes';
  readonly origin: string;
}

export function timeAxisOf({ clocks, run, samples, alerts }: RunRecord): TimeAxis {
  const zero = clocks.t0?.at ?? run.startedAt;
  const times = [run.startedAt, ...samples.map(({ at }) => at), ...alerts.flatMap(alertTimes)].map((at) =>
    secondsBetween(zero, at),
  );
  const last = times.reduce((a, b) => Math.max(a, b), 1);
  const first =
    samples.length === 0
      ? secondsBetween(zero, run.startedAt)
      : samples.reduce((a, { at }) => Math.min(a, secondsBetween(zero, at)), 0);
  return {
    zero,
    from: Math.floor(first),
    to: Math.ceil(last),
    unit: last - first > longSeconds ? 'minutes' : 'seconds',
    origin: clocks.t0 === null ? 'the start' : 'T0',
  };
}

function alertTimes({ firedAt, notifiedAt, clearedAt }: RunRecord['alerts'][number]): readonly string[] {
  return [firedAt, notifiedAt, clearedAt].filter((at) => at !== null);
}

export function xAxisOption(axis: TimeAxis, narrow: boolean): object {
  const ticks = ticksOf(axis, narrow);
  return {
    type: 'value',
    name: `${axis.unit} from ${axis.origin}`,
    nameLocation: 'middle',
    nameGap: 24,
    nameTextStyle: { color: palette.soft, fontSize: 11 },
    min: axis.from,
    max: axis.to,
    axisLabel: {
      customValues: ticks,
      color: palette.soft,
      fontSize: 11,
      formatter: (seconds: number) => signed(axis.unit === 'minutes' ? seconds / 60 : seconds),
    },
    axisLine: { show: true, onZero: false, lineStyle: { color: palette.soft } },
    axisTick: { show: true, customValues: ticks, lineStyle: { color: palette.soft } },
    splitLine: { show: false },
  };
}

function signed(value: number): string {
  return value < 0 ? `−${-value}` : value > 0 ? `+${value}` : '0';
}

/** Whole steps from T0; none at the very edge, where its label would stick out. */
function ticksOf({ from, to }: TimeAxis, narrow: boolean): readonly number[] {
  const step = stepOf((to - from) / (narrow ? 4 : 8));
  const first = Math.floor(from / step) + 1;
  return Array.from({ length: Math.max(0, Math.ceil(to / step) - first) }, (_, index) => (first + index) * step);
}

/** A round number of seconds that people count in. */
function stepOf(rough: number): number {
  return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((step) => step >= rough) ?? Math.ceil(rough / 3600) * 3600;
}

export function pixelsOf(axis: TimeAxis, left: number, right: number): (at: string) => number {
  const scale = (right - left) / (axis.to - axis.from);
  return (at) => left + (Math.min(axis.to, Math.max(axis.from, secondsBetween(axis.zero, at))) - axis.from) * scale;
}
