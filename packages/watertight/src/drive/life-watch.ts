import { REFUSED } from './refusal.ts';
import type { Strand, Watcher } from './strand.ts';
import type { Refused } from './types.ts';

const END_OF_HEAD = '\r\n\r\n';
/** More of a head is not looked at. */
const MAX_HEAD_CHARACTERS = 64 * 1024;
const UPGRADE = /\r\nupgrade:[ \t]*websocket/i;
const SWITCHING_PROTOCOLS = 101;

/** Where in a life the wire is to be cut. */
export type CutPoint =
  | { readonly at: 'upgrade-asked' }
  | { readonly at: 'upgrade-answered' }
  | { readonly at: 'write'; readonly number: number };

interface Talk {
  phase: 'http' | 'asked' | 'upgraded' | 'refused';
  /** What was heard and not understood yet. */
  fromClient: string;
  fromServer: string;
}

/**
 * Follows what a life says over its wire, whichever library says it: upgrade requests, their answers, and how often the client
 * wrote afterwards. Calls `onCut` once, in the very stretch of code in which the cut point is passed.
 */
export class LifeWatch implements Watcher {
  readonly #talks = new Map<Strand, Talk>();
  readonly #cut: CutPoint | undefined;
  readonly #onCut: (strand: Strand) => void;
  #writesCount = 0;
  #isCut = false;
  #upgraded: Strand | undefined;
  #refused: Refused | undefined;

  constructor(cut: CutPoint | undefined, onCut: (strand: Strand) => void) {
    this.#cut = cut;
    this.#onCut = onCut;
  }

  /** How often the client wrote after it had asked for an upgrade. */
  get writesCount(): number {
    return this.#writesCount;
  }

  /** The cut point was passed. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The last connection that asked for an upgrade: the one that matters when a life has several. */
  get upgraded(): Strand | undefined {
    return this.#upgraded;
  }

  /** The last answer to an upgrade request that was not 101. */
  get refused(): Refused | undefined {
    return this.#refused;
  }

  clientSent(strand: Strand, chunk: Buffer): void {
    const talk = this.#talk(strand);
    if (talk.phase !== 'http') return this.#countWrite(strand);
    talk.fromClient = (talk.fromClient + chunk.toString('latin1')).slice(-MAX_HEAD_CHARACTERS);
    const end = talk.fromClient.lastIndexOf(END_OF_HEAD);
    if (end === -1) return;
    const heads = talk.fromClient.slice(0, end);
    const rest = talk.fromClient.slice(end + END_OF_HEAD.length);
    talk.fromClient = '';
    if (!UPGRADE.test(heads)) return;
    talk.phase = 'asked';
    this.#upgraded = strand;
    if (this.#cut?.at === 'upgrade-asked') this.#passed(strand);
    if (rest !== '') this.#countWrite(strand);
  }

  serverSent(strand: Strand, chunk: Buffer): void {
    const talk = this.#talk(strand);
    if (talk.phase !== 'asked' && talk.phase !== 'refused') return;
    talk.fromServer = (talk.fromServer + chunk.toString('latin1')).slice(0, MAX_HEAD_CHARACTERS);
    const end = talk.fromServer.indexOf(END_OF_HEAD);
    if (end === -1) return;
    const head = talk.fromServer.slice(0, end);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
    if (status === SWITCHING_PROTOCOLS) talk.phase = 'upgraded';
    else {
      talk.phase = 'refused';
      this.#refused = refusalOf(status, head, talk.fromServer.slice(end + END_OF_HEAD.length));
    }
    if (this.#cut?.at === 'upgrade-answered') this.#passed(strand);
  }

  #countWrite(strand: Strand): void {
    this.#writesCount += 1;
    if (this.#cut?.at === 'write' && this.#writesCount >= this.#cut.number) this.#passed(strand);
  }

  #passed(strand: Strand): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#onCut(strand);
  }

  #talk(strand: Strand): Talk {
    let talk = this.#talks.get(strand);
    if (talk === undefined) {
      talk = { phase: 'http', fromClient: '', fromServer: '' };
      this.#talks.set(strand, talk);
    }
    return talk;
  }
}

/** The body counts only when its length is in the head: what comes in chunks is not put together here. */
function refusalOf(status: number, head: string, rest: string): Refused {
  const lengthBytes = Number(/\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1]);
  const body = lengthBytes > 0 ? Buffer.from(rest.slice(0, lengthBytes), 'latin1').toString() : '';
  return {
    ...REFUSED,
    httpStatus: Number.isNaN(status) ? undefined : status,
    retryAfter: /\r\nretry-after:[ \t]*([^\r]*)/i.exec(head)?.[1]?.trim(),
    body: parse(body),
  };
}

function parse(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
