import { sayGoal } from './judge.ts';
import type { Load, Machine } from './machine.ts';
import type { FigureResult } from './measure.ts';

const header = ['figure', 'trials', 'min', 'median', 'p99', 'max', 'unit', 'goal', 'judgement'];
const alignedRight = new Set([1, 2, 3, 4, 5]);

/** For people: one line per row, then what failed, then the machine and how busy it was. */
export function renderTable(results: readonly FigureResult[], machine: Machine): string {
  const lines = results.flatMap((figure) =>
    figure.rows.map(({ name, unit, goal, statistics, judgement }) => [
      `${figure.name}: ${name}`,
      String(statistics?.trials ?? 0),
      ...[statistics?.min, statistics?.median, statistics?.p99, statistics?.max].map(sayNumber),
      unit,
      goal === undefined ? '' : sayGoal(goal, unit),
      judgement,
    ]),
  );
  const failures = results.flatMap(({ name, failures }) => failures.map((failure) => `FAILED  ${name}: ${failure}`));
  return [...align([header, ...lines]), ...failures, ...sayMachine(machine), ...results.map(sayLoad)].join('\n');
}

/** Three significant digits: more would only look precise. */
export function sayNumber(number: number | null | undefined): string {
  if (number === null || number === undefined) return '-';
  if (Math.abs(number) >= 100 || Number.isInteger(number)) return String(Math.round(number));
  return String(Number(number.toPrecision(3)));
}

function align(cells: readonly (readonly string[])[]): string[] {
  const widths = header.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  return cells.map((line) =>
    line
      .map((cell, column) => (alignedRight.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function sayMachine({ firedrill, commit, node, kernel, processor, cores, memoryMb }: Machine): string[] {
  return [
    '',
    `firedrill ${firedrill}${commit === null ? '' : ` (${commit})`}, node ${node}, kernel ${kernel}`,
    `${cores} cores of ${processor}, ${memoryMb} MB`,
  ];
}

function sayLoad({ name, before, after }: FigureResult): string {
  const average = ({ loadAverage }: Load): string => loadAverage.join(' ');
  return `load average of ${name}: ${average(before)} before, ${average(after)} after`;
}
