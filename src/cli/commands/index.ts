import { abort } from './abort.ts';
import { agent } from './agent.ts';
import type { Command } from './command.ts';
import { confirm } from './confirm.ts';
import { doctor } from './doctor.ts';
import { gameDay } from './game-day.ts';
import { halt } from './halt.ts';
import { init } from './init.ts';
import { install } from './install.ts';
import { list } from './list.ts';
import { next } from './next.ts';
import { personCommands } from './person.ts';
import { plan } from './plan.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { status } from './status.ts';
import { sweep } from './sweep.ts';
import { uninstall } from './uninstall.ts';
import { validate } from './validate.ts';
import { worker } from './worker.ts';

/** In the order of `--help`: what people do first comes first. */
export const commands: readonly Command[] = [
  init,
  validate,
  plan,
  run,
  gameDay,
  next,
  confirm,
  status,
  abort,
  halt,
  sweep,
  ...personCommands,
  list,
  report,
  doctor,
  worker,
  agent,
  install,
  uninstall,
];
