/** By name, or by `prefix*`. */
export function isAllowedNode(name: string, allowNodes: readonly string[] = []): boolean {
  return allowNodes.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}
