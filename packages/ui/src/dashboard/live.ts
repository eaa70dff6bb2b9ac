import { useEffect, useState } from 'preact/hooks';

import { applyChanges } from './apply-changes.ts';
import { read } from './ask.ts';
import { type Series, seriesOf, withLook } from './series.ts';
import type { Change, History, Overview } from './types.ts';

/** What is known now, and whether it still comes. */
export interface Live {
  readonly overview: Overview | undefined;
  /** By factory. */
  readonly series: ReadonlyMap<string, Series>;
  readonly isConnected: boolean;
}

const COME_BACK_AFTER_MS = 3000;
/** Every look of the server is told. Of whom so many are missed, and this much longer, nothing comes. */
const MISSED_LOOKS = 3;
const PATIENCE_MS = 5000;

/** Follows the events of the server for as long as the page is open; `ended` is called when they broke off for good. */
export function useLive(isOn: boolean, ended: () => void): Live {
  const [live, setLive] = useState<Live>({ overview: undefined, series: new Map(), isConnected: false });
  useEffect(() => {
    if (!isOn) return undefined;
    const story = new Story(setLive, ended);
    return () => story.end();
  }, [isOn]);
  return live;
}

/** One life of the stream: from its connection to its end. */
class Story {
  readonly #tell: (live: Live) => void;
  readonly #ended: () => void;
  #source: EventSource;
  #series = new Map<string, Series>();
  #overview: Overview | undefined;
  #history: History | undefined;
  #timer = 0;
  #silence = 0;

  constructor(tell: (live: Live) => void, ended: () => void) {
    this.#tell = tell;
    this.#ended = ended;
    this.#source = this.#open();
    void read<History>('history').then(
      (history) => this.#takeHistory(history),
      () => undefined,
    );
  }

  end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#source.close();
  }

  #reopen(): void {
    this.end();
    this.#source = this.#open();
  }

  /** A connection that was lost without a word, and a server that stands still, are no error to the browser. */
  #expect(): void {
    clearTimeout(this.#silence);
    const everyMs = this.#overview?.looks.everyMs ?? 0;
    this.#silence = setTimeout(
      () => {
        this.#say(false);
        this.#reopen();
      },
      MISSED_LOOKS * everyMs + PATIENCE_MS,
    );
  }

  #open(): EventSource {
    this.#expect();
    const source = new EventSource('api/events');
    source.addEventListener('overview', ({ data }) => this.#take(JSON.parse(String(data)) as Overview));
    source.addEventListener('change', ({ data }) => {
      if (this.#overview !== undefined)
        this.#take(applyChanges(this.#overview, JSON.parse(String(data)) as readonly Change[]));
    });
    source.addEventListener('error', () => {
      this.#say(false);
      // The browser comes back by itself, but not from an answer that is none.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#ended();
      this.#timer = setTimeout(() => this.#reopen(), COME_BACK_AFTER_MS);
    });
    return source;
  }

  #takeHistory(history: History): void {
    this.#history = history;
    for (const name of Object.keys(history.factories)) this.#series.set(name, seriesOf(history, name));
    if (this.#overview !== undefined) this.#take(this.#overview);
  }

  #take(overview: Overview): void {
    this.#overview = overview;
    this.#expect();
    if (this.#history !== undefined) {
      const grown = [...this.#series].map(([name, series]) => [name, withLook(series, overview, name)] as const);
      this.#series = new Map(grown);
    }
    this.#say(true);
  }

  #say(isConnected: boolean): void {
    this.#tell({ overview: this.#overview, series: this.#series, isConnected });
  }
}
