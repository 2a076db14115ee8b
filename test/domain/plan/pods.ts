import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { plainSurvey } from '../../../src/domain/plan/survey.ts';
import type { Candidate, Survey } from '../../../src/domain/plan/survey.ts';

export interface PodPlace {
  readonly node?: string;
  readonly zone?: string;
  readonly createdAt?: string;
  readonly critical?: boolean;
  readonly namespace?: string;
}

export function pod(name: string, { node = 'w1', zone = 'a', namespace = 'payments' }: PodPlace = {}): TargetRef {
  const locator = { namespace, pod: name, podUid: `uid-${name}`, node, zone };
  return { kind: 'pod', service: 'payments-api', name, uid: `uid-${name}`, locator };
}

export function candidate(name: string, place: PodPlace = {}): Candidate {
  return { target: pod(name, place), createdAt: place.createdAt ?? null, critical: place.critical ?? false };
}

/** Pods p0, p1 … of a workload, all well. */
export function podSurvey(count: number, around: Partial<Survey> = {}): Survey {
  const targets = Array.from({ length: count }, (_, index) => pod(`p${index}`));
  return { ...plainSurvey(targets, count, 'members'), ...around };
}
