import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { CommandResult, FaultContext, HelperProcess, HostTools } from '../fault.ts';
import { nodeOf } from '../node-tools.ts';
import type { ContainerProcess } from '../node-tools.ts';
import { locate } from './locator.ts';
import type { Measurement, NetworkPlace } from './network-place.ts';
import { measureWith, startProber } from './prober.ts';

const locator = z.object({ podUid: z.string().min(1), hostNetwork: z.boolean() });

/** The network of one pod: its containers come and go, it stays until the pod ends. */
export class PodNetwork implements NetworkPlace {
  readonly isRoot: boolean;
  readonly isPod = true;
  readonly #context: FaultContext;
  readonly #podUid: string;
  /** For people. */
  readonly name: string;
  readonly #netns: string | null;

  /** `netns`: the network that was found before; null when it is only looked for now. Errors: `policy/denied` for the node's own. */
  constructor(context: FaultContext, target: TargetRef, netns: string | null) {
    const { podUid, hostNetwork } = locate(locator, target);
    this.isRoot = context.host.isRoot;
    this.#context = context;
    this.#podUid = podUid;
    this.name = `pod ${target.service}/${target.name}`;
    this.#netns = netns;
    if (!hostNetwork) return;
    throw new AppError(
      'policy/denied',
      `${this.name} has the network of its node, so a fault in it would hit the whole node. Choose another`,
    );
  }

  /** null when the pod is gone from this node, or has another network by now: what was done to the old one ended with it. */
  async find(): Promise<ContainerProcess | null> {
    const found = await nodeOf(this.#context).findPod(this.#podUid);
    return found === null || (this.#netns !== null && found.netns !== this.#netns) ? null : found;
  }

  /** Errors: `target/none` when it is gone. */
  async process(): Promise<ContainerProcess> {
    const found = await this.find();
    if (found !== null) return found;
    throw new AppError('target/none', `${this.name} is gone from this node, and its network with it. Plan again`);
  }

  readonly run: HostTools['run'] = async (argv, options): Promise<CommandResult> =>
    nodeOf(this.#context).runIn(await this.process(), ['net'], argv, options);

  async startHelper(name: string, config: JsonObject): Promise<HelperProcess> {
    return nodeOf(this.#context).startHelperIn(await this.process(), ['net'], name, config);
  }

  /** By a process that lives as long as the measurement. */
  async measure(question: Measurement): Promise<number | null> {
    const prober = await startProber(this);
    try {
      return await measureWith(prober, question);
    } finally {
      await prober.stop();
    }
  }
}
