import { z } from 'zod';
import { httpUrl, partName, secretReference } from './metadata.ts';

export const path = z.string().min(1).describe('a path, relative to this file');
export const address = z
  .string()
  .regex(/^[^\s:]+:\d{1,5}$/)
  .describe('HOST:PORT, such as 127.0.0.1:7001');

const process = z.strictObject({ name: partName, pidFile: path, url: httpUrl.exactOptional() });
/** The caller calls a relay that always runs. */
const relayLink = z.strictObject({ name: partName, to: partName, listen: address, control: path });
/** The caller calls the far end itself; an agent that is root turns its packets while a fault lasts. */
const redirectedLink = z.strictObject({
  name: partName,
  to: partName,
  addresses: z
    .array(
      z
        .string()
        .regex(/^(\d{1,3}\.){3}\d{1,3}:\d{1,5}$/)
        .describe('IPv4:PORT, such as 127.0.0.1:5432'),
    )
    .min(1),
  caller: z
    .union([
      z.strictObject({
        cgroup: z
          .string()
          .regex(/^[\w.@:/-]+$/)
          .describe('such as system.slice/payments-api.service'),
      }),
      z.strictObject({
        user: z
          .string()
          .regex(/^[\w.-]+$/)
          .describe('a user of its own, such as payments'),
      }),
      z.literal('anyone'),
    ])
    .describe('whose connections are redirected: { cgroup }, { user }, or anyone'),
});
const link = z.union([relayLink, redirectedLink]);
const volume = z.strictObject({ name: partName, path });
/** PostgreSQL or Redis: a connection string of its own kind. */
const database = z.strictObject({
  name: partName,
  connection: secretReference('connection'),
});

/** A service of plain processes on one machine. */
export const hostService = z.strictObject({
  processes: z.array(process).default([]),
  links: z.array(link).default([]),
  volumes: z.array(volume).default([]),
  postgres: z.array(database).default([]),
  redis: z.array(database).default([]),
});
