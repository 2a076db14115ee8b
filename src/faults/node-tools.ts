import { AppError } from '../domain/errors.ts';
import type { CommandOptions, CommandResult, FaultContext, HelperProcess, ProcessRef } from './fault.ts';
import type { JsonObject } from '../domain/json.ts';

/** A container, as the API names it. */
export interface ContainerRef {
  readonly podUid: string;
  /** Without its runtime's prefix (`containerd://`). */
  readonly containerId: string;
}

/** The first process of a container. */
export interface ContainerProcess extends ProcessRef {
  /** Inode of its network namespace: the same pid in another namespace is another pod. */
  readonly netns: string;
}

export type Namespace = 'net' | 'mnt' | 'pid' | 'ipc' | 'uts' | 'cgroup';

/** Where the kernel accounts a container's resources. */
export interface ContainerCgroup {
  readonly version: 1 | 2;
  /** Readable directory per controller; version 2 has one, for all of them. */
  readonly directory: (controller: 'cpu' | 'cpuacct' | 'memory' | 'blkio' | 'pids') => string;
  /** Every directory whose `cgroup.procs` must be given a process for it to be accounted as the container's. */
  readonly all: readonly string[];
  /** The cgroup namespace from which that can be done: the node's own, as a file. */
  readonly namespace: string;
}

/** Containers of this agent's node, reached through their processes. */
export interface NodeTools {
  readonly nodeName: string;
  /** null when no process of it runs here. */
  findContainer(container: ContainerRef): Promise<ContainerProcess | null>;
  /** Any container of the pod that runs, for what all of them share (its network); null when none does. */
  findPod(podUid: string): Promise<ContainerProcess | null>;
  /** Every process of the pod that runs here, its first ones first: those that hold its volumes are among them. */
  processesOf(podUid: string): Promise<readonly ContainerProcess[]>;
  /** Our own programs, in namespaces of that process. Never a shell. Errors: `target/none` when the process is gone. */
  runIn(
    process: ContainerProcess,
    namespaces: readonly Namespace[],
    argv: readonly string[],
    options?: CommandOptions,
  ): Promise<CommandResult>;
  /** The container's file `path` as this agent sees it. */
  pathIn(process: ContainerProcess, path: string): string;
  cgroupOf(process: ContainerProcess): Promise<ContainerCgroup>;
  /** A helper of ours (see HostTools.startHelper) in namespaces of that process. */
  startHelperIn(
    process: ContainerProcess,
    namespaces: readonly Namespace[],
    name: string,
    config: JsonObject,
  ): Promise<HelperProcess>;
}

/** Errors: `internal/bug`, for admission lets no fault of a node's agent into another. */
export function nodeOf({ node, injectionId }: FaultContext): NodeTools {
  if (node !== null) return node;
  throw new AppError('internal/bug', `injection "${injectionId}" needs a node's agent, and is in another. This is a bug`);
}
