import type { Complaint } from '../verdict/complaint.ts';
import type { HeapExamination } from './heap-types.ts';
import type { TrafficSampler } from './traffic-sampler.ts';
import type { EmergencyReport, FactoryStats, ReleaseReport, ResolvedOptions, UserUsage } from '@watertight/server';

/** What is visible of a target from inside its process. Every call is one evaluation; nothing of it stays behind. */
export interface InsideView {
  readonly pid: number;
  /** Present when the target holds a factory that can be inspected. */
  readonly factory: InsideFactory | undefined;
  /** Resources that keep the event loop alive, by kind (`process.getActiveResourcesInfo`). */
  handles(): Promise<Readonly<Record<string, number>>>;
  /** Live instances by constructor name, after a forced collection. */
  instances(): Promise<Readonly<Record<string, number>>>;
  /** Listeners on `process`, by event. */
  processListeners(): Promise<Readonly<Record<string, number>>>;
  memory(): Promise<{ readonly heapUsedBytes: number; readonly rssBytes: number; readonly externalBytes: number }>;
  /** What the process complained of since the view was opened; rejections since it began. */
  complaints(): Promise<readonly Complaint[]>;
  /** The longest delay of the event loop since the last call, in milliseconds. */
  loopDelayMs(): Promise<number>;
  /**
   * Begins to look into the heap, those of worker threads included. `samplingIntervalBytes` default 1: exact, and the target allocates more slowly until the
   * examination is closed. One at a time.
   */
  examineHeap(options?: { readonly samplingIntervalBytes?: number }): Promise<HeapExamination>;
  /** Closes the inspector that we opened and ends the session. Idempotent. */
  close(): Promise<void>;
}

/** What is visible of one process alone. */
export interface ProcessView extends InsideView {
  /** Begins to sample what is allocated under real traffic, one sample for each `intervalBytes`, in the main thread alone. */
  sampleTraffic(intervalBytes: number): Promise<TrafficSampler>;
}

/** A factory inside the target, asked through its public interface. */
export interface InsideFactory {
  readonly options: ResolvedOptions;
  stats(): Promise<FactoryStats>;
  usage(user: string): Promise<UserUsage>;
  /** `undefined` when the factory ran it and answered nothing. */
  runEmergencyCleanup(user?: string, options?: EmergencyOptions): Promise<EmergencyAnswer | undefined>;
  closeAllForUser(user: string, reason?: string): Promise<readonly ReleaseReport[]>;
  /** Starts closing without waiting for the reports. */
  startCloseAllForUser(user: string, reason?: string): Promise<void>;
  /** Registers a finalizer that never settles with one manager of this user; answers the manager's id. */
  hangFinalizer(user: string): Promise<string>;
  /** Admits a manager to which no connection is ever attached; answers its id, or the refusal's reason. */
  admitUnattached(user: string): Promise<{ readonly id: string } | { readonly refused: string }>;
  /**
   * Registers finalizers with one manager of this user, in this order, starts work of `workMs` (default 0: none; `null`: it never ends)
   * in it, closes everybody of the user, and answers what the manager was seen to do and to report. Times are milliseconds from the close.
   */
  endWithFinalizers(
    user: string,
    reason: string,
    plans: readonly FinalizerPlan[],
    workMs?: number | null,
  ): Promise<FinalizersSeen>;
  /** Admits this user with an init that takes a moment, one that fails, and one that never ends and is ended by a close; holds nobody after it. */
  admitWithInit(user: string): Promise<InitsSeen>;
  /** Admits managers without a socket, `perUser` of each user of that prefix, until one is refused, and ends them all. */
  fillProcess(userPrefix: string, perUser: number): Promise<ProcessFilled>;
  /** Gives this user a limit of 2, of 0, and none of its own again, and tries to admit it each time; holds nobody after it. */
  overrideLimits(user: string): Promise<LimitsOverridden>;
  /** Admits one session of this user twice and another one, at a limit of 1; holds nobody after it. */
  takeSessionOver(user: string): Promise<SessionTakenOver>;
  /** Drains a factory beside this one, with work that never ends in one of its managers; waits `patienceMs` for it. `undefined`: there is none to be had. */
  rehearseDrain(patienceMs: number): Promise<DrainRehearsed | undefined>;
  /** Asks a factory beside this one, with a bound of 1 000 bytes, whether frames may be sent. */
  rehearseSending(): Promise<SendingRehearsed | undefined>;
  /** Comes too often, at the limit, from one network, and into a process that is nearly full, each on a factory beside this one. */
  rehearseDoors(): Promise<DoorsRehearsed | undefined>;
  /** Tries connect rates by address and of all, eviction of the idle and by a function, and pressure by heap and event loop; `undefined` as above. */
  rehearsePolicies(): Promise<PoliciesRehearsed | undefined>;
  /** Tries what goes under pressure, at the limit with somebody silent, in a close frame, and when managers live on and on; `undefined` as above. */
  rehearseBounds(): Promise<BoundsRehearsed | undefined>;
  /** Leads managers through their lives on factories beside this one, whose time it moves by hand; `undefined` as above, and where there is no such time. */
  rehearseLives(): Promise<LivesRehearsed | undefined>;
  /** Starts work in the manager of this user that came last; it ends with the manager. */
  startWork(user: string): Promise<string>;
  /** Hangs a finalizer in every manager of this user and closes them all, and once more while they are closing. */
  closeTwice(user: string, reason: string): Promise<ClosedTwice>;
  /** Listens to events of this factory on channels of `node:diagnostics_channel`, until it is stopped. */
  hear(channels: readonly string[]): Promise<Hearing>;
}

export interface EmergencyOptions {
  readonly level: 'conservative' | 'moderate' | 'force';
  /** Slots that `force` has to free. */
  readonly needed: number;
}

export interface EmergencyAnswer {
  readonly removed: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly asked: number;
  readonly answered: number;
}

export interface FinalizerPlan {
  readonly name: string;
  /** 0: it is synchronous. `null`: it never ends. */
  readonly takesMs: number | null;
  /** Registered in a scope that is closed by itself just before its manager is. */
  readonly inScope?: boolean;
  /** It throws at its end. */
  readonly fails?: boolean;
}

/** What became of one planned finalizer; `null` for what did not happen while its manager was closing. */
export interface FinalizerSeen {
  readonly name: string;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  /** When the signal that it was given was aborted. */
  readonly abortedMs: number | null;
}

export interface FinalizersSeen {
  readonly report: ReleaseReport | null;
  /** State of the manager once its report was there. */
  readonly state: string;
  /** When the signal of the manager was aborted. */
  readonly signalMs: number | null;
  /** When the work that was started in it had ended. */
  readonly workedMs: number | null;
  readonly finalizers: readonly FinalizerSeen[];
  /** What is given to the manager, or to an open scope of it, after the end is disposed of at once and refused. */
  readonly refusesMore: boolean;
}

/** What became of each admission: `admitted`, or the reason of its refusal. */
export interface InitsSeen {
  readonly waited: string;
  /** When the first was admitted, its init was done. */
  readonly wasInitialised: boolean;
  readonly failed: string;
  readonly ended: string;
  /** While the init that never ends was running: the first, and that one. */
  readonly held: number;
  readonly heldAfter: number;
}

/** Each attempt: `admitted`, or the reason of its refusal. */
export interface LimitsOverridden {
  /** Three attempts at an override of 2. */
  readonly raised: string;
  /** One at an override of 0. */
  readonly banned: string;
  readonly heldWhileBanned: number;
  /** One without an override. */
  readonly cleared: string;
  readonly overridesLeft: number;
  /** Two at an override of Infinity where the usual limit is 1, on a factory beside the one that serves; `null` where it makes none. */
  readonly endless: string | null;
}

export interface SessionTakenOver {
  readonly again: string;
  readonly other: string;
  readonly held: number;
  /** What became of the first manager of the session: its state, or why it was released. */
  readonly first: string;
}

export interface DrainRehearsed {
  /** Held when it began. */
  readonly managers: number;
  /** What became of somebody who came meanwhile. */
  readonly newcomer: string;
  readonly ended: boolean;
  /** Closed, by the report of the drain. */
  readonly reported: number;
  /** Finalizers run. */
  readonly finalized: number;
  /** Released with the reason of the drain. */
  readonly drained: number;
  readonly left: number;
  /** Another drain, over 500 ms, of four who have something to send for 150 ms; `null` where it did not end. */
  readonly gently: {
    /** Closed with something to send. */
    readonly unsentAtClose: number;
    /** After its begin the last of them was closed. */
    readonly lastMs: number;
    /** Held or closing when `closeLast` was called; `null`: it was not called. */
    readonly leftAtLast: number | null;
  } | null;
}

export interface SendingRehearsed {
  /** Whether 400 bytes may be sent behind 600. */
  readonly fits: boolean;
  /** Whether one more may. */
  readonly isOver: boolean;
  /** Whether 1 001 bytes may be sent behind none. */
  readonly isTooLarge: boolean;
  /** Of the two clients. */
  readonly held: number;
  readonly letGo: number;
  /** With `'drop'`, 400 and 401 behind 600: whether they may be sent, whether the client is there after it, and the frames told as dropped. */
  readonly dropping: { readonly sent: string; readonly held: number; readonly told: number };
  /** With a function, 400 behind 600, and 401 where it says to send, to drop and to terminate; what it was asked, and the client before and after the last. */
  readonly asking: { readonly sent: string; readonly asked: string; readonly held: number; readonly letGo: number };
}

export interface DoorsRehearsed {
  /** Three at once where two may come, and one when a place has come up again. */
  readonly rate: { readonly atOnce: string; readonly later: string };
  /** The third where two may be: what became of it, of the first and of the second, and the reasons told. */
  readonly eviction: {
    readonly newcomer: string;
    readonly oldest: string;
    readonly other: string;
    readonly why: string;
  };
  /** Three of one network where two may come, and one of another. */
  readonly address: { readonly oneNetwork: string; readonly another: string };
  /** Twenty where twenty may be, and 95 % are enough. */
  readonly load: { readonly admitted: number; readonly then: string };
}

export interface PoliciesRehearsed {
  /** Five at once from one address where two may come, then four from others where five may come in all; and one more of the first address later. */
  readonly arrivals: { readonly ofOne: string; readonly ofOthers: string; readonly later: string };
  /** At a limit of 2, one of them at work: the third at once and after the time of idleness, who is there then, and why the other went. */
  readonly idle: { readonly atOnce: string; readonly later: string; readonly states: string; readonly why: string };
  /** The third where a function takes its time and names the second; and where it never answers. */
  readonly decided: {
    readonly newcomer: string;
    readonly states: string;
    readonly why: string;
    readonly hung: string;
  };
  /** Somebody new when it is full, when it is a little better, and when it is well again. */
  readonly heap: string;
  readonly eventLoop: string;
}

export interface BoundsRehearsed {
  /** One of one and two of another, all idle, under pressure and in overload: their states, and why they went. */
  readonly shed: { readonly pressed: string; readonly overloaded: string; readonly why: string };
  /** The fourth at a limit of 3 with evict-oldest, the second of three being silent. */
  readonly rescue: { readonly fourth: string; readonly states: string; readonly why: string };
  /** A reason that is too long for a close frame: how often it was told, its bytes then, and whether it is a beginning of what was given. */
  readonly goodbye: { readonly times: number; readonly bytes: number; readonly isBeginning: boolean };
  /** A manager that outlives `warnAfterMs`: events told while it lives and when it has gone, and suspicions that stand. */
  readonly watch: {
    readonly meanwhile: string;
    readonly standing: number;
    readonly then: string;
    readonly left: number;
  };
}

export interface LivesRehearsed extends Lives {
  /** What threw, by the life that it ended; what it had to tell is not there then. */
  readonly failed: Readonly<Partial<Record<keyof Lives, string>>>;
}

/** Reasons of refusals, codes of errors, and states of managers, as they are called; `nothing` for what never came to an end. */
export interface Lives {
  /** Whoever has left, comes with a connection that is taken, leaves during an init, or stays while its init never ends. */
  readonly comings: {
    readonly left: string;
    readonly twice: string;
    /** A connection that has left, attached to a manager that lives. */
    readonly attached: string;
    readonly held: number;
    readonly meanwhile: string;
    readonly never: string;
  };
  /** Two connections of one manager end, with a grace of 60 ms, the second one twice; another comes back in time; and one is closed. */
  readonly sharing: {
    /** And how many connections it has then, how many are told, and how many managers without. */
    readonly withOne: string;
    /** Told likewise during the grace, and its state after it. */
    readonly withNone: string;
    readonly back: string;
    readonly closed: string;
    readonly connectionsOfClosed: number;
  };
  readonly figures: {
    /** By what was there: active, pending, closing, connections, and managers without one. */
    readonly told: Readonly<Record<string, string>>;
    /** Why one was released that had nothing, as who ended it was told. */
    readonly reported: string;
    readonly stuckClosing: number;
    /** Of four that had a socket, the one included whose socket stays. */
    readonly socketsTimed: number;
    /** Six were quiet for longer than an interval. */
    readonly asked: number;
    /** Two of three users who hold one, two and three. */
    readonly largest: string;
  };
  /** A finalizer and work that go on after the end of their manager, and end; and a close during which the loop stood still. */
  readonly suspicions: {
    readonly before: string;
    readonly overdue: string;
    readonly after: string;
    readonly recovered: number;
    readonly toldStall: boolean | string;
  };
  /** Two without a connection, the first at work: how many were dead, and what became of both. */
  readonly emergencies: { readonly dead: number | string; readonly states: string };
  /** Who answers in the last turn of the loop, after the loop stood still, and to a run during which its factory is closed. */
  readonly questions: {
    readonly inTheLastTurn: string;
    /** The 3 ms that the first question took are in the statistics. */
    readonly isSliceTold: boolean;
    readonly afterStall: string;
    readonly whileClosing: string;
  };
  /** The fourth at a limit of 3 with evict-idle: what became of one that worked, one that talked, and one that only answered. */
  readonly uses: { readonly fourth: string; readonly states: string };
  /** A manager without a socket is closed and its address comes again; and a scope that hangs is closed while its manager lives on. */
  readonly ends: { readonly atOnce: string; readonly again: string; readonly scope: string; readonly living: string };
}

export interface ProcessFilled {
  /** Held by everybody, before the first was admitted. */
  readonly before: number;
  readonly admitted: number;
  readonly refusal: string | null;
  readonly atLimit: number;
  readonly after: number;
}

export interface ClosedTwice {
  /** Between the two closes. */
  readonly held: number;
  readonly closing: number;
  /** The reports that each of the two was answered. */
  readonly first: readonly ReleaseReport[];
  readonly second: readonly ReleaseReport[];
}

/** What a factory published: its payload, with the channel, and errors as text. */
export interface FactoryEvent {
  readonly channel: string;
  readonly user?: string | null;
  readonly inEmergency?: boolean;
  readonly report?: Partial<EmergencyReport & ReleaseReport>;
  readonly error?: string;
}

export interface Hearing {
  heard(): Promise<readonly FactoryEvent[]>;
  stop(): Promise<void>;
}
