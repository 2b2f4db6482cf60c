/** A JSON schema of draft 7, as far as the official one goes. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly uniqueItems?: boolean;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

export function resolve(root: Schema, schema: Schema): Schema {
  return schema.$ref ? resolve(root, root.definitions![schema.$ref.replace('#/definitions/', '')]!) : schema;
}

/** The branches of a schema: those of its oneOf, or one for each of its types. */
export function branches(root: Schema, schema: Schema): readonly { readonly name: string; readonly schema: Schema }[] {
  const { oneOf, type, ...rest } = resolve(root, schema);
  if (oneOf) {
    return oneOf.flatMap((one, index) => branches(root, one).map((branch) => ({ name: `${index}${branch.name}`, schema: branch.schema })));
  }
  if (typeof type !== 'object') return [{ name: `:${type ?? 'any'}`, schema: { ...rest, ...(type ? { type } : {}) } }];
  const { properties, patternProperties, items, ...scalar } = rest;
  return type.map((one) => ({
    name: `:${one}`,
    schema: {
      ...scalar,
      type: one,
      ...(one === 'object' && properties ? { properties } : {}),
      ...(one === 'object' && patternProperties ? { patternProperties } : {}),
      ...(one === 'array' && items ? { items } : {}),
    },
  }));
}

/** What a key of any name is called in a point. */
export const ANY = '*';

/** The keys of an object that has them by name, or all by one pattern. */
export function keysOf(schema: Schema): readonly (readonly [key: string, schema: Schema])[] {
  const patterns = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) => pattern !== '^x-');
  return [...Object.entries(schema.properties ?? {}), ...patterns.map(([, value]) => [ANY, value] as const)];
}

/** Every key and every branch of the schema, by its way from the top: `services.*.ports[]|2:object.target|1:string`. */
export function points(root: Schema, schema: Schema = root, at = ''): string[] {
  const several = branches(root, schema);
  return several.flatMap(({ name, schema: branch }) => {
    const point = several.length > 1 ? `${at}|${name}` : at;
    const below = [
      ...keysOf(branch).flatMap(([key, value]) => points(root, value, `${point}.${key}`)),
      ...(branch.items ? points(root, branch.items, `${point}[]`) : []),
    ];
    return [point, ...below];
  });
}
