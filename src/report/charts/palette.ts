/**
 * Okabe–Ito, told apart without red and green. Each colour is drawn as a placeholder and becomes a CSS variable in the SVG,
 * so that one drawing serves light, dark and paper.
 */
export const palette = {
  ink: '#010101',
  soft: '#020202',
  hair: '#030303',
  paper: '#040404',
  line: '#050505',
  band: '#060606',
  mark: '#070707',
  pale: '#080808',
} as const;

export function withVariables(svg: string): string {
  return Object.entries(palette).reduce((text, [name, colour]) => text.replaceAll(colour, `var(--${name})`), svg);
}
