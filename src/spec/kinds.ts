import type { z } from 'zod';
import { environment } from './environment.ts';
import type { Environment } from './environment.ts';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { gameDay } from './game-day.ts';
import type { GameDay } from './game-day.ts';
import { hypothesis } from './hypothesis.ts';
import type { Hypothesis } from './hypothesis.ts';
import { slo } from './slo.ts';
import type { Slo } from './slo.ts';

/** What a file says, in numbers with units in their names. */
export type Spec = Experiment | Hypothesis | Environment | GameDay | Slo;
export type Kind = Spec['kind'];

/** One line per file format: the value of `kind`, and its schema. */
export const kinds: { readonly [K in Kind]: z.ZodType<Extract<Spec, { kind: K }>> } = {
  Experiment: experiment,
  Hypothesis: hypothesis,
  Environment: environment,
  GameDay: gameDay,
  SLO: slo,
};

export const kindNames = Object.keys(kinds) as readonly Kind[];

export function isKind(text: unknown): text is Kind {
  return kindNames.some((kind) => kind === text);
}
