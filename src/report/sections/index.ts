import { alerts } from './alerts.ts';
import { clocks } from './clocks.ts';
import { dataQuality } from './data-quality.ts';
import { definitions } from './definitions.ts';
import { findings } from './findings.ts';
import { header } from './header.ts';
import { hypotheses } from './hypotheses.ts';
import { injections } from './injections.ts';
import { probes } from './probes.ts';
import { safety } from './safety.ts';
import type { Section } from './section.ts';
import { serviceLevel } from './service-level.ts';
import { timeline } from './timeline.ts';
import { verdict } from './verdict.ts';

/** In the order in which they are read. */
export const sections: readonly Section[] = [
  header,
  verdict,
  hypotheses,
  serviceLevel,
  findings,
  alerts,
  probes,
  injections,
  timeline,
  clocks,
  safety,
  dataQuality,
  definitions,
];
