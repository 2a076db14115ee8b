import { z } from 'zod';

/** As much of JSON Schema as is asked for words: what may stand at a place, and how it is described. */
export interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  /** JSON Schema's word for what is never shown: somebody may have written the secret itself there. */
  readonly writeOnly?: boolean;
}

/** The JSON Schema of what people write. */
export function inputShape(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
}

/** Every shape that may stand at the path: more than one where the schema has alternatives. */
export function shapesAt(root: Shape, path: readonly (string | number)[]): readonly Shape[] {
  return path.reduce<readonly Shape[]>((shapes, part) => shapes.flatMap((shape) => step(shape, part)), flatten(root));
}

function step(shape: Shape, part: string | number): readonly Shape[] {
  const rest = typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined;
  const next = typeof part === 'number' ? shape.items : (shape.properties?.[part] ?? rest);
  return next === undefined ? [] : flatten(next);
}

function flatten(shape: Shape): readonly Shape[] {
  const alternatives = shape.anyOf ?? shape.oneOf;
  return alternatives === undefined
    ? [shape]
    : [...(shape.description === undefined ? [] : [shape]), ...alternatives.flatMap(flatten)];
}
