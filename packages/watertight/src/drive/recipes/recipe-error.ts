/** A recipe that cannot be had: unknown, not well-formed, or without the client library it needs. The message says what to do. */
export class RecipeError extends Error {
  override readonly name = 'RecipeError';
}
