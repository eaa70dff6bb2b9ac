/** `normal` · `pressed`: idle time-outs shrink · `overloaded`: and nobody new is admitted. */
export type PressureState = 'normal' | 'pressed' | 'overloaded';
/** How far each limit of the process is used up, as shares of it; `null` where there is no limit. */
export interface PressureReading {
    readonly managers: number | null;
    readonly heap: number | null;
    readonly eventLoopDelay: number | null;
}
export interface PressureRule {
    /** Shares from which a state begins; `Infinity`: never. */
    readonly pressedAt: number;
    readonly overloadedAt: number;
    /** Shares below which it ends. */
    readonly normalBelow: number;
    readonly admittingBelow: number;
}
/** The worst of all readings counts. */
export declare function levelOf({ managers, heap, eventLoopDelay }: PressureReading): number;
/** The state at a level, with hysteresis: a state that has begun ends only below its own exit. */
export declare function judgePressure(before: PressureState, level: number, rule: PressureRule): PressureState;
/** From the whole time-out where pressure begins down to a twentieth of it where the process is full, in a straight line. */
export declare function idleTimeoutUnder(level: number, idleTimeoutMs: number, { pressedAt }: PressureRule): number;
