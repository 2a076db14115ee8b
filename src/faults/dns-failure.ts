import { z } from 'zod';
import { AppError, isAppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { milliseconds } from '../quantities.ts';
import type { Evidence, Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { exampleOf } from './shared/dns-look.ts';
import { DnsStandIn } from './shared/dns-stand-in.ts';
import type { DnsRule } from './shared/dns-stand-in.ts';
import { readPacketKernel } from './shared/kernel.ts';
import { roundMs, sayMs } from './shared/link-looks.ts';
import { PodNetwork } from './shared/pod-network.ts';
import { podResolvers } from './shared/pod-resolver.ts';

/** What one look may take, and what a silent resolver is waited for. */
const patienceMs = 1500;
const longestLookMs = 4000;

const params = z
  .strictObject({
    answer: z
      .enum(['nxdomain', 'servfail', 'timeout', 'latency'])
      .describe('the name does not exist, the resolver failed, nothing comes back, or it comes later'),
    names: z
      .array(
        z
          .string()
          .regex(/^[\w.*-]+$/, 'must be a name, where * stands for any characters')
          .transform((name) => name.toLowerCase().replace(/\.$/, '')),
      )
      .min(1)
      .max(50)
      .describe("whole names, after the pod's search list: such as *.example.com; * is every name"),
    delay: milliseconds(1, 30_000).exactOptional().describe('of latency: added to each answer'),
  })
  .superRefine(({ answer, delay }, context) => {
    if ((answer === 'latency') === (delay !== undefined)) return;
    context.addIssue({ code: 'custom', message: 'latency and delay go together' });
  })
  .transform(({ answer, names, delay }): DnsRule => ({ answer, names, delayMs: delay ?? 0 }));

type Undo = {
  readonly netns: string;
  /** The pod's own, as its resolv.conf names them. */
  readonly resolvers: string[];
  readonly rule: DnsRule;
  /** How the pod's first resolver answered for a name of the rule before anything was changed. */
  readonly before: { readonly outcome: string; readonly elapsedMs: number };
};

const undo: z.ZodType<Undo> = z.object({
  netns: z.string().min(1),
  resolvers: z.array(z.string()),
  rule: z.object({
    answer: z.enum(['nxdomain', 'servfail', 'timeout', 'latency']),
    delayMs: z.number(),
    names: z.array(z.string()),
  }),
  before: z.object({ outcome: z.string(), elapsedMs: z.number() }),
});

export const dnsFailure: Fault<DnsRule, Undo> = {
  name: 'dns-failure',
  summary: "Breaks or slows a pod's name lookups, for the names that are meant",
  effect: 'held',
  lifetime: 'process',
  targets: ['pod'],
  agents: ['node'],
  params,
  undo,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, rule) {
    const kernel = await readPacketKernel(context);
    if (kernel.nft !== null) {
      throw new AppError(
        'policy/denied',
        `pod ${target.service}/${target.name}: this node's kernel cannot redirect packets (${kernel.nft}). Choose a pod on another node`,
      );
    }
    const network = new PodNetwork(context, target, null);
    const process = await network.process();
    const resolvers = await podResolvers(context, network);
    const { outcome, elapsedMs } = await new DnsStandIn(context, network, resolvers).lookUp(nameOf(rule), patienceMs);
    if (outcome === 'timeout') {
      throw new AppError(
        'upstream/unreachable',
        `pod ${target.service}/${target.name}: its resolver ${resolvers[0]} does not answer, so a fault could not be measured. Look after it first`,
      );
    }
    return { netns: process.netns, resolvers, rule, before: { outcome, elapsedMs } };
  },

  async arm(context, target, _rule, undo) {
    await standIn(context, target, undo).arm();
  },

  async inject(context, target, rule, undo) {
    await standIn(context, target, undo).on(rule);
  },

  /** The answer alone proves nothing where the name never existed: that our stand-in gave it is counted too. */
  async verify(context, target, rule, undo) {
    const dns = standIn(context, target, undo);
    const counted = await dns.counts();
    if (counted?.held !== true) {
      // A stand-in ends with its pod: it is the pod that is missing then, not only what we did to it.
      await new PodNetwork(context, target, undo.netns).process();
      return evidence(false, 'no name is broken by us', { held: counted?.held ?? null });
    }
    const waitMs = rule.answer === 'latency' ? Math.min(rule.delayMs + patienceMs, longestLookMs) : patienceMs;
    const { outcome, elapsedMs } = await dns.lookUp(nameOf(rule), waitMs);
    const after = await dns.counts();
    const ours = (after?.matched ?? 0) > counted.matched;
    return evidence(
      ours && seen(rule, undo, outcome, elapsedMs),
      `${nameOf(rule)}: ${outcome} after ${sayMs(elapsedMs)}, was ${undo.before.outcome} after ${sayMs(undo.before.elapsedMs)}`,
      {
        outcome,
        elapsedMs: roundMs(elapsedMs),
        before: { ...undo.before, elapsedMs: roundMs(undo.before.elapsedMs) },
        turned: (await dns.read())?.turned ?? null,
        asked: after?.asked ?? null,
        matched: after?.matched ?? null,
      },
    );
  },

  async revert(context, target, undo) {
    await standIn(context, target, undo).off();
  },

  async verifyReverted(context, target, undo) {
    const dns = standIn(context, target, undo);
    try {
      if ((await dns.read()) !== null) return evidence(true, `table ${dns.tableName} is still there`, {});
      const { outcome, elapsedMs } = await dns.lookUp(nameOf(undo.rule), patienceMs);
      const { before } = undo;
      return evidence(
        false,
        `nothing is turned; ${nameOf(undo.rule)}: ${outcome} after ${sayMs(elapsedMs)}, was ${before.outcome}`,
        {
          outcome,
          elapsedMs: roundMs(elapsedMs),
          before: { ...before, elapsedMs: roundMs(before.elapsedMs) },
        },
      );
    } catch (error) {
      if (!isAppError(error) || error.code !== 'target/none') throw error;
      return evidence(false, 'the pod is gone, and its network with all that was in it', {});
    }
  },
};

function standIn(context: FaultContext, target: TargetRef, { netns, resolvers }: Undo): DnsStandIn {
  return new DnsStandIn(context, new PodNetwork(context, target, netns), resolvers);
}

/** What is looked up to see the fault: a name of the rule. */
const nameOf = ({ names }: DnsRule): string => exampleOf(names[0] ?? '*');

function seen({ answer, delayMs }: DnsRule, { before }: Undo, outcome: string, elapsedMs: number): boolean {
  if (answer !== 'latency') return outcome === answer;
  return outcome === 'timeout' || elapsedMs - before.elapsedMs >= 0.8 * delayMs;
}

const evidence = (present: boolean, summary: string, data: Evidence['data']): Evidence => ({ present, summary, data });
