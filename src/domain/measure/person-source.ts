/** How a source reads that is somebody's word. */
export function personSource(name: string): string {
  return `person ${name}`;
}

/** Whether somebody's word is among these. */
export function isPersons(source: string): boolean {
  return source.split(' and ').some((one) => one.startsWith('person '));
}
