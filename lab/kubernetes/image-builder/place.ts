import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where a path of the image is while it is made; its folder is there. /bin and its like are links to /usr in every image. */
export function placed(folder: string, path: string): string {
  const merged = path.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/');
  const place = join(folder, merged);
  mkdirSync(dirname(place), { recursive: true });
  return place;
}
