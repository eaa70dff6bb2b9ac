/** What a store rejects with when a command was not answered in time, though its connection is as it was: nothing can have been forgotten. */
export class LateError extends Error {}
