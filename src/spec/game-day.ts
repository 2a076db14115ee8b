import { z } from 'zod';
import { apiVersion, metadata, name } from './metadata.ts';
import { duration, positiveDuration } from '../quantities.ts';
import { uniqueNames } from './unique-names.ts';

const scenario = z
  .strictObject({
    name,
    experiment: name.exactOptional().describe('the name of an experiment'),
    manual: z.array(z.string().min(1)).min(1).exactOptional().describe('the steps that people do by hand'),
    objective: z.string().min(1),
    timebox: positiveDuration,
  })
  .superRefine((scenario, context) => {
    if ((scenario.experiment === undefined) === (scenario.manual === undefined)) {
      context.addIssue({ code: 'custom', message: 'a scenario has exactly one of experiment and manual' });
    }
  });

export const gameDay = z
  .strictObject({
    apiVersion,
    kind: z.literal('GameDay'),
    metadata,
    spec: z.strictObject({
      purpose: z.string().min(1).describe('why the day is held: what the team wants to know afterwards'),
      disclosure: z
        .enum(['announced', 'blind-scenario'])
        .default('announced')
        .describe('announced, or blind-scenario: the team knows that a day runs, not what breaks'),
      roles: z
        .array(
          z.strictObject({
            role: z.enum(['facilitator', 'responder', 'observer', 'scribe']),
            people: z.array(z.string()).min(1),
          }),
        )
        .min(1)
        .superRefine((roles, context) => {
          if (!roles.some(({ role }) => role === 'facilitator')) {
            context.addIssue({ code: 'custom', message: 'no facilitator. Add one: somebody must be able to stop the day' });
          }
        })
        .describe('who does what; one is the facilitator'),
      checklist: z.array(z.string().min(1)).default([]),
      scenarios: z
        .array(scenario)
        .min(2)
        .superRefine(uniqueNames)
        .describe('at least two scenarios; one alone is a run of its experiment'),
      pause: duration.default(300),
      communication: z.strictObject({ channel: z.string().min(1), updateEvery: positiveDuration }).exactOptional(),
      retrospective: z.strictObject({ questions: z.array(z.string().min(1)).min(1), actionsDueWithin: positiveDuration }),
    }),
  })
  .transform(({ metadata, spec: { pause, communication, retrospective, scenarios, ...spec } }) => ({
    kind: 'GameDay' as const,
    name: metadata.name,
    title: metadata.title ?? metadata.name,
    ...spec,
    scenarios: scenarios.map(({ timebox, ...scenario }) => ({ ...scenario, timeboxSeconds: timebox })),
    pauseSeconds: pause,
    communication:
      communication === undefined ? null : { channel: communication.channel, updateEverySeconds: communication.updateEvery },
    retrospective: { questions: retrospective.questions, actionsDueWithinSeconds: retrospective.actionsDueWithin },
  }));

export type GameDay = z.infer<typeof gameDay>;
