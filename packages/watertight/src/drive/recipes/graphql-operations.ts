import { objectIn } from './identified-socket.ts';
import { filled, type RecipeOptions } from './options.ts';
import type { Life } from './types.ts';

export interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

/** Every schema answers this one. */
export const HARMLESS: Operation = { query: '{ __typename }' };

const INTROSPECTION: Operation = {
  query: `{ schema: __schema { subscriptionType { fields {
    name args { defaultValue type { kind } } type { kind ofType { kind ofType { kind } } } } } } }`,
};

interface TypeRef {
  readonly kind: string;
  readonly ofType?: TypeRef | null;
}

interface Introspected {
  readonly schema?: {
    readonly subscriptionType?: {
      readonly fields: readonly {
        readonly name: string;
        readonly args: readonly { readonly defaultValue: unknown; readonly type: TypeRef }[];
        readonly type: TypeRef;
      }[];
    } | null;
  };
}

/** Sends one operation and answers the `data` of its first result; rejects when the server says that it is wrong. */
export type Execute = (operation: Operation) => Promise<unknown>;

/** What a GraphQL life asks and subscribes to. Without `--subscribe` the schema is asked once for a subscription that needs no arguments. */
export class GraphqlOperations {
  readonly #options: RecipeOptions;
  #found: Promise<Operation | undefined> | undefined;

  constructor(options: RecipeOptions) {
    this.#options = options;
  }

  queries(life: Life): readonly Operation[] {
    const given = this.#options.send.map((text) => operationIn(filled(text, life)));
    return given.length > 0 ? given : [HARMLESS];
  }

  async subscription(life: Life, execute: Execute): Promise<Operation | undefined> {
    if (this.#options.subscribe !== undefined) return operationIn(filled(this.#options.subscribe, life));
    this.#found ??= this.#find(execute);
    return await this.#found;
  }

  async #find(execute: Execute): Promise<Operation | undefined> {
    try {
      return subscriptionIn((await execute(INTROSPECTION)) as Introspected | undefined);
    } catch {
      // Many servers keep their schema to themselves, and a life that was cut says nothing about the next.
      this.#found = undefined;
      return undefined;
    }
  }
}

function operationIn(text: string): Operation {
  const object = objectIn(text);
  if (object === undefined) return { query: text };
  const { query, variables } = object;
  if (typeof query !== 'string') throw new Error(`${text} is no GraphQL operation: its query is no text`);
  return { query, ...(typeof variables === 'object' && variables !== null ? { variables: { ...variables } } : {}) };
}

function subscriptionIn(introspected: Introspected | undefined): Operation | undefined {
  const fields = introspected?.schema?.subscriptionType?.fields ?? [];
  const field = fields.find(({ args }) =>
    args.every(({ type, defaultValue }) => type.kind !== 'NON_NULL' || defaultValue !== null),
  );
  if (field === undefined) return undefined;
  return { query: `subscription { ${field.name}${hasFields(field.type) ? ' { __typename }' : ''} }` };
}

function hasFields(type: TypeRef | null | undefined): boolean {
  if (!type) return false;
  return ['OBJECT', 'INTERFACE', 'UNION'].includes(type.kind) || hasFields(type.ofType);
}
