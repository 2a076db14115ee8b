/** A service of a node as a line of `services.sh`. Flags are written `--name=value`; true is the flag alone. */
export function serviceLine(program: string, flags: Readonly<Record<string, string | number | boolean>>): string {
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${String(value)}`);
  return `service ${program} ${[program, ...words].map(quoted).join(' ')}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
