/** What the registry has to know of a manager. */
export interface Registered {
    readonly user: string;
    /** Unique and rising within a factory. */
    readonly sequence: number;
}
/**
 * One nested map user → id → manager, and a second one for those that are closing. Counts are sizes; nothing is counted beside them.
 * Every method is one synchronous stretch and calls nobody else's code.
 *
 *     held     'ada' → { 7: manager, 9: manager }      bounded by the limit
 *     closing  'ada' → { 4: manager }                  reported; above maxClosingPerUser it counts as held again
 */
export declare class Registry<Entry extends Registered> {
    #private;
    constructor(maxClosingPerUser: number);
    /** Managers that hold a slot, of all users. */
    get size(): number;
    /** Users with at least one manager that is not closed. */
    get userCount(): number;
    /** What counts against the limit of a user. */
    heldBy(user: string): number;
    /** Adds a manager; the caller has just looked at {@link heldBy} in the same synchronous stretch. */
    insert(entry: Entry): void;
    /** Frees the slot for good: there is nothing to close. */
    remove(entry: Entry): void;
    /** Frees the slot and keeps the manager among the closing ones. Answers whether the slot can be taken at once. */
    beginClosing(entry: Entry): boolean;
    /** A closing manager is closed. */
    endClosing(entry: Entry): void;
    /** The managers of one user that hold a slot, oldest first. A copy: callers may end them while they walk. */
    of(user: string): readonly Entry[];
    closingOf(user: string): readonly Entry[];
    held(): IterableIterator<Entry>;
    closing(): IterableIterator<Entry>;
    /** Users with at least one manager that is not closed. */
    users(): IterableIterator<string>;
}
