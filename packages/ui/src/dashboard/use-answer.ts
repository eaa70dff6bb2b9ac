import { useEffect, useState } from 'preact/hooks';

import { messageOf, type Query, read } from './ask.ts';

export interface Answer<Value> {
  /** The last one that came, also while another is on its way. */
  readonly value: Value | undefined;
  readonly problem: string | undefined;
  readonly isAsking: boolean;
  readonly again: () => void;
}

/** Asks when the question changes, when told to, and every `everyMs` where that is given, as long as the page is seen. */
export function useAnswer<Value>(path: string, query: Query, everyMs?: number): Answer<Value> {
  const [state, setState] = useState<{ readonly value?: Value; readonly problem?: string; readonly isAsking: boolean }>(
    {
      isAsking: true,
    },
  );
  const [turn, setTurn] = useState(0);
  const question = `${path} ${JSON.stringify(query)}`;
  useEffect(() => {
    const stop = new AbortController();
    setState((before) => ({ ...before, isAsking: true }));
    void read<Value>(path, query, stop.signal).then(
      (value) => setState({ value, isAsking: false }),
      (error: unknown) => {
        if (!stop.signal.aborted) setState((before) => ({ ...before, problem: messageOf(error), isAsking: false }));
      },
    );
    return () => stop.abort();
  }, [question, turn]);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((before) => before + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  const { value, problem, isAsking } = state;
  return { value, problem, isAsking, again: () => setTurn((before) => before + 1) };
}
