import { moduleFile } from './module-file.ts';

/** A helper's program, in the form in which this module is: `.ts` in the tree, `.js` in a build. */
export const helperProgram = (name: string): string => moduleFile(`./agent/${name}/main`, import.meta.url);
