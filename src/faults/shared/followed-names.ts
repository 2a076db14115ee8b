import { isAppError, messageOf } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { FaultContext } from '../fault.ts';
import { isFarEnd, sayDestination } from './destinations.ts';
import type { Destination } from './destinations.ts';
import type { PodNetwork } from './pod-network.ts';
import { namesOf, resolveNames } from './pod-resolver.ts';
import type { LinkNames, NameAnswer, NamesAnswer } from './pod-resolver.ts';

/** A link of a pod whose names are asked again while a fault is on it. */
export interface NamedLink {
  readonly place: PodNetwork;
  readonly names: LinkNames;
  readonly destinations: readonly Destination[];
  /** Addresses that never come in, whatever a name says. */
  readonly guarded: readonly string[];
}

/** What became of the names of one link since its fault began. */
interface Followed {
  /** How often they were asked to an end. */
  asked: number;
  asking: boolean;
  ended: boolean;
  /** Not looked at yet. */
  answer: NamesAnswer | null;
  /** Why the names could not even be asked, the last time. */
  problem: string | null;
  /** What each name says; of one that has no answer now, the last that it had. */
  readonly says: Map<string, readonly string[]>;
  unresolved: readonly NameAnswer[];
  readonly gained: Destination[];
  /** What the names say now, and is not under the fault; by address, why. */
  uncovered: ReadonlyMap<string, string>;
}

/** Rules are looked through for each packet, and a name may have a new address for each question. */
const mostGained = 100;
/** What is not begun by then is taken up by the next call: a kernel that is slow keeps no look waiting. */
const takeMs = 1000;

const followed = new Map<string, Followed>();

/**
 * Brings under a fault what the names of its link have gained. A resolver is never waited for: what it has said since is taken up,
 * and it is asked again beside. What a name has lost stays under the fault until the revert: connections to it may be open, the
 * next answer of a round robin has it again, and what is only ever added is taken away by the one step that takes all.
 * `cover` fails where there is nothing left to add to. Errors: `target/none`.
 */
export async function followNames(
  context: FaultContext,
  link: NamedLink,
  cover: (gained: readonly Destination[]) => Promise<void>,
): Promise<void> {
  if (namesOf(link.names).length === 0) return;
  const one = followed.get(context.injectionId) ?? begin(context.injectionId);
  const { answer } = one;
  one.answer = null;
  ask(context, link, one);
  if (answer === null || one.ended) return;
  one.unresolved = answer.names.filter(({ outcome }) => outcome !== 'answered');
  for (const { name, outcome, addresses } of answer.names) if (outcome === 'answered') one.says.set(name, addresses);
  const known = new Set([...link.destinations, ...one.gained].map(({ address }) => address));
  const guarded = new Set([...link.guarded, ...answer.resolvers]);
  const begunAt = performance.now();
  const uncovered = new Map<string, string>();
  for (const address of addressesNow(one)) {
    if (known.has(address) || one.ended) continue;
    const why =
      objection(address, guarded, one.gained.length) ??
      (performance.now() - begunAt > takeMs
        ? 'not yet'
        : await take(context, one, { gained: endsAt(address, link.destinations), cover }));
    if (why !== null) uncovered.set(address, why);
  }
  one.uncovered = uncovered;
}

function objection(address: string, guarded: ReadonlySet<string>, gained: number): string | null {
  if (!isFarEnd(address)) return 'it is the address of no far end';
  if (guarded.has(address)) return 'it is one of DNS or of the API server';
  return gained >= mostGained ? `more than ${mostGained} have come since` : null;
}

const addressesNow = ({ says }: Followed): ReadonlySet<string> => new Set([...says.values()].flat());

/** The destinations of a link and what its names have gained: first those that they still say, which can be measured. */
export function asNamesSay(injectionId: string, destinations: readonly Destination[]): readonly Destination[] {
  const one = followed.get(injectionId);
  if (one === undefined) return destinations;
  const all = [...destinations, ...one.gained];
  const now = addressesNow(one);
  return [...all.filter(({ address }) => now.has(address)), ...all.filter(({ address }) => !now.has(address))];
}

/** For evidence; nothing where no name was asked again. */
export function sayNames(injectionId: string): { readonly summary: string; readonly data: JsonObject } {
  const one = followed.get(injectionId);
  if (one === undefined) return { summary: '', data: {} };
  const { asked, gained, uncovered, unresolved, problem } = one;
  const words = [
    ...(gained.length === 0 ? [] : [`since then also ${gained.map(sayDestination).join(', ')}`]),
    ...[...uncovered].map(([address, why]) => `${address} is not covered: ${why}`),
    ...unresolved.map(({ name, outcome }) => `${name} has no address now (${outcome})`),
    ...(problem === null ? [] : [`its names could not be asked again: ${problem}`]),
  ];
  const names = {
    asked,
    gained: gained.map(sayDestination),
    uncovered: [...uncovered].map(([address, why]) => ({ address, why })),
    unresolved: unresolved.map(({ name, outcome }) => ({ name, outcome })),
    problem,
  };
  return { summary: words.map((word) => `; ${word}`).join(''), data: { names } };
}

/** From now on nothing is taken up any more; what was gained is still told. */
export function endNames(injectionId: string): void {
  const one = followed.get(injectionId);
  if (one !== undefined) one.ended = true;
}

/** Once nothing is left of the fault. */
export function forgetNames(injectionId: string): void {
  followed.delete(injectionId);
}

function begin(injectionId: string): Followed {
  const one: Followed = {
    asked: 0,
    asking: false,
    ended: false,
    answer: null,
    problem: null,
    says: new Map(),
    unresolved: [],
    gained: [],
    uncovered: new Map(),
  };
  followed.set(injectionId, one);
  return one;
}

function ask(context: FaultContext, { place, names }: NamedLink, one: Followed): void {
  if (one.asking) return;
  one.asking = true;
  resolveNames(context, place, names)
    .then(
      (answer) => Object.assign(one, one.ended ? {} : { answer, asked: one.asked + 1, problem: null }),
      // Who asks ends with the fault, and an answer that it waits for with it.
      (error: unknown) => Object.assign(one, one.ended ? {} : { problem: messageOf(error) }),
    )
    .finally(() => (one.asking = false));
}

/** Why it could not be covered; null: it is. What failed is tried again as long as the name says it. */
async function take(
  context: FaultContext,
  one: Followed,
  {
    gained,
    cover,
  }: { readonly gained: readonly Destination[]; readonly cover: (gained: readonly Destination[]) => Promise<void> },
): Promise<string | null> {
  context.signal.throwIfAborted();
  try {
    await cover(gained);
  } catch (error) {
    if (!isAppError(error) || error.code === 'target/none') throw error;
    return error.message;
  }
  one.gained.push(...gained);
  context.log('a name of the link has a new address: it is under the fault too', { gained: gained.map(sayDestination) });
  return null;
}

/** By the ports by which the link's other addresses are meant. */
function endsAt(address: string, destinations: readonly Destination[]): Destination[] {
  const ends = new Map(destinations.map(({ port, protocol }) => [`${port}/${protocol}`, { address, port, protocol }]));
  return [...ends.values()];
}
