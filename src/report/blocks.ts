/** The small vocabulary every section speaks and every format prints. Plain data: no markup, no escaping. */
export type Tone = 'good' | 'bad' | 'warning' | 'unknown' | 'plain';

export interface Heading {
  readonly type: 'heading';
  readonly level: 1 | 2 | 3;
  readonly text: string;
}

export interface Paragraph {
  readonly type: 'paragraph';
  readonly text: string;
  /** `lead`: the one paragraph everybody reads. `note`: small print under something else. */
  readonly weight: 'lead' | 'body' | 'note';
}

/** A table cell. `code` is printed as it is, in a fixed-width face. */
export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
  readonly code?: boolean;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Never broken over lines: times, numbers. */
  readonly tight?: boolean;
}

export interface Table {
  readonly type: 'table';
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A drawing in two widths, and the same facts in words for those who cannot see it and for formats without drawings. */
export interface Figure {
  readonly type: 'figure';
  readonly title: string;
  readonly wideSvg: string;
  readonly narrowSvg: string;
  readonly alternative: string;
}

export interface List {
  readonly type: 'list';
  readonly items: readonly string[];
}

export interface Callout {
  readonly type: 'callout';
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
}

/** Label and value pairs: who, where, when. */
export interface Facts {
  readonly type: 'facts';
  readonly items: readonly { readonly label: string; readonly value: string; readonly code?: boolean }[];
}

/** The few words a run comes down to, side by side. */
export interface States {
  readonly type: 'states';
  readonly items: readonly { readonly label: string; readonly value: string; readonly tone: Tone }[];
}

export interface KeyNumber {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly bounds: string;
  readonly status: string;
  readonly source: string;
  readonly note: string;
  readonly tone: Tone;
}

export interface KeyNumbers {
  readonly type: 'key-numbers';
  readonly items: readonly KeyNumber[];
}

export type Block = Heading | Paragraph | Table | Figure | List | Callout | Facts | States | KeyNumbers;

export interface ReportDocument {
  readonly title: string;
  readonly sections: readonly { readonly name: string; readonly blocks: readonly Block[] }[];
}

export function heading(level: 1 | 2 | 3, text: string): Heading {
  return { type: 'heading', level, text };
}

export function paragraph(text: string, weight: Paragraph['weight'] = 'body'): Paragraph {
  return { type: 'paragraph', text, weight };
}

export function cell(text: string, tone?: Tone): Cell {
  return tone === undefined ? { text } : { text, tone };
}

export function code(text: string): Cell {
  return { text, code: true };
}
