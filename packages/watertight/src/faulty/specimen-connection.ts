import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { SpecimenIntake } from './specimen-intake.ts';
import { nowMs, SPECIMEN_DEFAULTS } from './specimen-options.ts';

/** Why a connection ended, as far as its socket tells. */
export type EndReason = 'client-close' | 'client-error';

/** One socket from the first line of its upgrade to its last event. */
export class SpecimenConnection {
  readonly raw: Duplex;
  /** Resolves when the socket is gone, with the time at which it was. */
  readonly gone: Promise<number>;
  ws: WebSocket | undefined;
  /** What its browser sent with the upgrade. */
  cookie: string | undefined;
  lastInboundAtMs: number = nowMs();
  /** When the last message came; what came before it was not use. */
  usedAtMs: number = this.lastInboundAtMs;
  /** Set while the server waits for a sign of life. */
  onInbound: (() => void) | undefined;
  /** How often it was asked since it was last heard. */
  askedCount = 0;
  /** False in a server that takes only messages for a sign of life. */
  bytesAreLife = true;
  endedAtMs: number | undefined;
  endReason: EndReason | undefined;
  readonly #onEnd: (connection: SpecimenConnection) => void;
  readonly #intake: SpecimenIntake;
  #early: Buffer = Buffer.alloc(0);
  #handedOver = false;

  constructor(
    raw: Duplex,
    head: Buffer,
    onEnd: (connection: SpecimenConnection) => void,
    intake: SpecimenIntake = new SpecimenIntake(SPECIMEN_DEFAULTS),
  ) {
    this.raw = raw;
    this.#onEnd = onEnd;
    this.#intake = intake;
    // All of these stand before anything is awaited: a reset without an `error` listener ends the process, and a client
    // that leaves by FIN gives `end` only while somebody reads.
    raw.on('error', () => this.ended('client-error'));
    raw.on('end', () => this.ended('client-close'));
    this.gone = new Promise((resolve) => {
      raw.once('close', () => {
        this.ended('client-close');
        resolve(nowMs());
      });
    });
    raw.on('data', (chunk: Buffer) => this.#inbound(chunk));
    if (head.length > 0) this.#keep(head);
  }

  /** Records the end once; the first reason stays. */
  ended(reason: EndReason): void {
    if (this.endedAtMs !== undefined) return;
    this.endedAtMs = nowMs();
    this.endReason = reason;
    this.#onEnd(this);
  }

  /** Gives the socket to `accept` together with the bytes that came early. */
  handOver(accept: (early: Buffer) => void): void {
    // A listener that flows would swallow the early bytes while they are put back, so reading stops for the moment.
    this.raw.pause();
    this.#handedOver = true;
    const early = this.#early;
    this.#early = Buffer.alloc(0);
    accept(early);
    this.raw.resume();
  }

  /** It speaks WebSocket from here on. Who has said goodbye has left, also when its side of the socket stays open. */
  opened(ws: WebSocket): void {
    this.ws = ws;
    ws.on('error', () => this.ended('client-error'));
    ws.on('message', () => {
      this.usedAtMs = nowMs();
    });
    this.raw.on('data', () => {
      if (ws.readyState === ws.CLOSING) this.ended('client-close');
    });
  }

  /** Any raw byte is life, not only a message. */
  touch(): void {
    this.lastInboundAtMs = nowMs();
    this.askedCount = 0;
    this.onInbound?.();
  }

  /** Handed over to be sent, and not on its way yet. */
  get unsentBytes(): number {
    return this.ws?.bufferedAmount ?? 0;
  }

  quietMs(atMs: number): number {
    return atMs - this.lastInboundAtMs;
  }

  /** Asks for a sign of life. */
  ask(): void {
    this.askedCount += 1;
    if (this.ws?.readyState === 1) this.ws.ping();
  }

  /** A close frame; false where there is no WebSocket to send it on. */
  sayGoodbye(code: number, reason: string): boolean {
    this.ws?.close(code, reason);
    return this.ws !== undefined;
  }

  /** A protocol error leaves a close frame to be flushed; a peer that went by FIN may still read what was sent. */
  letGo(): void {
    if (this.ws === undefined) this.raw.destroy();
    else this.ws.terminate();
  }

  #inbound(chunk: Buffer): void {
    if (this.bytesAreLife) this.touch();
    if (!this.#handedOver) this.#keep(chunk);
  }

  #keep(chunk: Buffer): void {
    this.#early = Buffer.concat([this.#early, chunk]);
    if (!this.#intake.takes(this.#early)) this.raw.destroy();
  }
}
