import type { RunRecord } from '../../domain/run-record.ts';
import { rowsChart, type Bar } from './rows-chart.ts';

type Judged = 'good' | 'bad' | 'unknown';

const looks: Readonly<Record<Judged, Pick<Bar, 'look' | 'colour'>>> = {
  good: { look: 'half', colour: 'pale' },
  bad: { look: 'full', colour: 'mark' },
  unknown: { look: 'hollow', colour: 'soft' },
};

/** Each probe's samples as a strip: good low, bad high, unknown hollow. */
export async function probeStrip(record: RunRecord, id: string, narrow: boolean): Promise<string> {
  const rows = record.probes.map(({ name }) => ({ label: name, bars: stretchesOf(record, name), points: [], remark: '' }));
  return rowsChart(record, rows, id, narrow);
}

/** Equal neighbours are one bar, so that long runs stay small. */
function stretchesOf(record: RunRecord, probe: string): readonly Bar[] {
  const samples = record.samples.filter((sample) => sample.probe === probe);
  const bars: { from: string; to: string; judged: Judged }[] = [];
  for (const sample of samples) {
    const judged = sample.class === 'good' || sample.class === 'bad' ? sample.class : 'unknown';
    const last = bars.at(-1);
    if (last !== undefined) last.to = sample.at;
    if (last?.judged !== judged) bars.push({ from: sample.at, to: sample.at, judged });
  }
  return bars.map(({ from, to, judged }) => ({ from, to, ...looks[judged] }));
}
