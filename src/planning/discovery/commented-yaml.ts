import { Document, isMap, isPair, isScalar, isSeq } from 'yaml';

export interface Comment {
  /** Of the key or the item it stands before. */
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** YAML for people: block style, no line folded, comments where they belong. */
export function commentedYaml(head: string, value: unknown, comments: readonly Comment[] = []): string {
  const document = new Document(value);
  for (const { path, text } of comments) {
    const last = path.at(-1);
    const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === last);
      if (pair !== undefined && isScalar(pair.key)) pair.key.commentBefore = lines(text);
    } else if (isSeq(parent) && typeof last === 'number') {
      const item: unknown = parent.items[last];
      if (isMap(item) || isScalar(item)) item.commentBefore = lines(text);
    }
  }
  document.commentBefore = lines(head);
  return document.toString({ lineWidth: 0 });
}

function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
}
