import type { TargetRef } from './plan.ts';

/** All that is known of where a selector points, as of one moment: facts only. What may be done with them is `blastProblems`. */
export interface Survey {
  /** There and well, in a stable order. */
  readonly candidates: readonly Candidate[];
  /** There and no target, and why. */
  readonly aside: readonly { readonly name: string; readonly why: string }[];
  /** How many there should be at least: a workload's replicas. 0 where nothing says so. */
  readonly expected: number;
  /** What the limits count: members of a service (also when the target is a link or a volume of each), nodes of the cluster. */
  readonly counts: 'members' | 'nodes' | 'nothing';
  /** Of `counts`, how many are well: candidates, and with nodes all others too. */
  readonly well: number;
  readonly budgets: readonly DisruptionBudget[];
  /** What else runs on candidates that are nodes. */
  readonly neighbours: readonly Neighbour[];
}

export interface Candidate {
  readonly target: TargetRef;
  /** ISO; null where nobody says. */
  readonly createdAt: string | null;
  /** Marked `tier=critical`. */
  readonly critical: boolean;
}

/** A PodDisruptionBudget. */
export interface DisruptionBudget {
  readonly name: string;
  /** Pods that may be missing beyond those that are; null while the cluster has not worked it out. */
  readonly allowed: number | null;
  /** UIDs of the candidates it is about. */
  readonly covers: readonly string[];
}

/** A pod on a node. */
export interface Neighbour {
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly owner: string;
  readonly daemonSet: boolean;
  readonly critical: boolean;
  readonly excluded: boolean;
}

/** What is known where nothing but the candidates is. */
export function plainSurvey(targets: readonly TargetRef[], expected: number, counts: Survey['counts']): Survey {
  return {
    candidates: targets.map((target) => ({ target, createdAt: null, critical: false })),
    aside: [],
    expected,
    counts,
    well: targets.length,
    budgets: [],
    neighbours: [],
  };
}
