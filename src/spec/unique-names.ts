interface Issues {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

/** Two things of one name in one list cannot be told apart in a report. */
export function uniqueNames(items: readonly { readonly name: string }[], context: Issues): void {
  for (const [index, { name }] of items.entries()) {
    if (items.findIndex((other) => other.name === name) < index) {
      context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is used twice. Give each its own name` });
    }
  }
}
