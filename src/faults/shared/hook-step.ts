import { z } from 'zod';
import { AppError, isAppError, messageOf } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { AgentPolicy, FaultContext } from '../fault.ts';
import { fillPlaceholders } from './placeholders.ts';

/** One scripted step: a command (never a shell) or an HTTP request. Done when it exits 0, or answers 2xx. */
export const hookStep = z.union([
  z.strictObject({ command: z.array(z.string()).min(1).describe('program and arguments; never a shell') }),
  z.strictObject({
    http: z.strictObject({
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      url: z.string(),
      body: z.string().exactOptional(),
    }),
  }),
]);
export type HookStep = z.infer<typeof hookStep>;

export interface StepResult {
  readonly done: boolean;
  readonly summary: string;
  readonly output: string;
}

export function fillStep(step: HookStep, target: TargetRef): HookStep {
  const fill = (text: string): string => fillPlaceholders(text, target);
  if ('command' in step) return { command: step.command.map(fill) };
  const { method, url, body } = step.http;
  return { http: { method, url: fill(url), ...(body === undefined ? {} : { body: fill(body) }) } };
}

/** Asked once, before anything is touched: a revert must run whatever the policy has become. Errors: `policy/denied`. */
export function permitStep(step: HookStep, target: TargetRef, { allowCommands, allowUrls }: AgentPolicy['hook']): void {
  const filled = fillStep(step, target);
  if ('command' in step) {
    const { command } = step;
    if (allowCommands.some((allowed) => (typeof allowed === 'string' ? allowed === command[0] : isSame(allowed, command))))
      return;
    throw new AppError(
      'policy/denied',
      `hook command ${JSON.stringify(command)} is not allowed. Add it to hook.allowCommands in the agent's policy`,
    );
  }
  if (!('http' in filled)) return;
  const url = parsed(filled.http.url);
  const allowed = allowUrls.map(parsed).some((prefix) => url.origin === prefix.origin && under(url.pathname, prefix.pathname));
  if (!allowed || url.username !== '' || url.password !== '') {
    throw new AppError(
      'policy/denied',
      `hook URL ${filled.http.url} is not allowed. Add its prefix to hook.allowUrls in the agent's policy`,
    );
  }
}

/** Within the policy's longest time, with cut output. A step that cannot run is a step that is not done. */
export async function runStep(
  context: FaultContext,
  step: HookStep,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<StepResult> {
  const limits = {
    timeoutMs: Math.min(timeoutMs, context.policy.hook.timeoutSeconds * 1000),
    maxOutputBytes: 4096,
    ...(signal === undefined ? {} : { signal }),
  };
  if ('command' in step) {
    const { code, stdout, stderr, timedOut } = await context.host.run(step.command, limits);
    const how = timedOut
      ? `did not end in ${limits.timeoutMs} ms`
      : code === null
        ? 'could not run or was stopped'
        : `exited ${code}`;
    return { done: code === 0 && !timedOut, summary: `${step.command[0]} ${how}`, output: `${stdout}${stderr}`.slice(0, 4096) };
  }
  const { method, url } = step.http;
  try {
    const { status, body } = await context.host.http(step.http, limits);
    return { done: status >= 200 && status < 300, summary: `${method} ${url} answered ${status}`, output: body };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { done: false, summary: messageOf(error), output: '' };
  }
}

function isSame(allowed: readonly string[], command: readonly string[]): boolean {
  return allowed.length === command.length && allowed.every((word, index) => word === command[index]);
}

function parsed(url: string): URL {
  if (!URL.canParse(url))
    throw new AppError('spec/invalid', `"${url}" is not a URL. Write one such as http://127.0.0.1:8080/region`);
  return new URL(url);
}

/** `/region` covers `/region` and `/region/eu`, not `/regional`. */
function under(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}
