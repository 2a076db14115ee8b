/** The agent of one run on one node. */
export interface NodeAgentRef {
  readonly runId: string;
  readonly node: string;
}

/** What there is of it. */
export interface NodeAgentPod extends NodeAgentRef {
  readonly name: string;
  readonly uid: string;
  /** It is on its way out. */
  readonly ending: boolean;
  /** As the cluster says. The object of one whose node is lost stays, and is not ready. */
  readonly ready: boolean;
  /** Why it does not run, or no longer will, in one sentence with what to do; null while nothing is wrong. */
  readonly problem: string | null;
  /** It will not run again, or so late that another in its place is up before. */
  readonly over: boolean;
}

/** `gone`: there is no such node, or somebody who knows says that it is out of service. */
export type NodeState = 'ready' | 'not-ready' | 'gone';

/** Agents of nodes, as pods. Errors: `upstream/unreachable`, `cluster/forbidden`, `upstream/refused`. */
export interface NodeAgentPods {
  list(): Promise<readonly NodeAgentPod[]>;
  /** Calls back soon after `list` changed. Returns how to end it. */
  onChange(listener: () => void): () => void;
  /** `untilMs`: Unix ms; the cluster itself ends it some time after that. Harmless when it is there. */
  create(agent: NodeAgentRef, untilMs: number): Promise<void>;
  /** That very pod, which is given the time to revert what it holds. */
  remove(pod: NodeAgentPod): Promise<void>;
  stateOf(node: string): Promise<NodeState>;
  /** Whose undo is kept and not used yet, whatever became of their records. */
  leftBehind(): Promise<readonly NodeAgentRef[]>;
}
