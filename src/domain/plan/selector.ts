/** Where a fault looks for what it acts on. */
export type Selector =
  | { readonly kind: 'process'; readonly service: string }
  | { readonly kind: 'link'; readonly service: string; readonly to: string }
  | { readonly kind: 'volume'; readonly service: string; readonly volume: string }
  | { readonly kind: 'postgres'; readonly service: string; readonly postgres: string };
