import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/domain/errors.ts';
import { debianProgram, libraryPath } from './debian-package.ts';
import { obtain, type Program } from './program.ts';
import { findOnPath, isExecutable } from './programs.ts';
import { weAreRoot } from './unix-user.ts';

/** FIREDRILL_NFT_BIN, else PATH, else Debian packages in the cache. */
export function locateNft(): Program<string> {
  const found = process.env.FIREDRILL_NFT_BIN ?? ['/usr/sbin/nft', '/sbin/nft'].find(isExecutable) ?? findOnPath('nft');
  if (found !== null) return { found };
  return debianProgram(['nftables'], 'Install nftables or set FIREDRILL_NFT_BIN', startable);
}

/**
 * Only root makes rules, so nobody else needs it. null without it: then no link can be redirected, which is said, and everything else works.
 */
export async function findNft(report: (line: string) => void): Promise<string | null> {
  if (!weAreRoot()) return null;
  try {
    return await obtain(locateNft(), report);
  } catch (error) {
    report(`no link can be redirected: ${messageOf(error)}`);
    return null;
  }
}

/** The unpacked program needs the libraries beside it, whatever environment it is started with. */
function startable(root: string): string {
  const script = join(root, 'nft');
  if (!existsSync(script)) {
    const program = join(root, 'usr', 'sbin', 'nft');
    writeFileSync(script, `#!/bin/sh\nLD_LIBRARY_PATH='${libraryPath(root)}' exec '${program}' "$@"\n`);
    chmodSync(script, 0o755);
  }
  return script;
}
