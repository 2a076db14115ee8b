import { readFileSync } from 'node:fs';

/** From package.json: one place. */
export const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;
