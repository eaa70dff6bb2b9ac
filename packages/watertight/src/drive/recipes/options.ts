/** What the command line says to a built-in recipe. */
export interface RecipeOptions {
  /** Messages to send, in order; `{user}` and `{index}` stand for the user and the number of the life. */
  readonly send: readonly string[];
  /** What to subscribe to: a GraphQL subscription, a topic, a destination, a method; each recipe says which. */
  readonly subscribe?: string | undefined;
}

/** Fills `{user}` and `{index}` in. */
export function filled(text: string, life: { readonly user: string; readonly index: number }): string {
  return text.replaceAll('{user}', () => life.user).replaceAll('{index}', String(life.index));
}
