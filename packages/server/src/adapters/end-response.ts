import type { ServerResponse } from 'node:http';

import { sayTo } from './bounded-response.ts';
import { refusalAnswer, refusalOfEnd } from './refuse.ts';

/** Why a response is ended from here. */
interface Goodbye {
  readonly code: number;
  readonly reason: string;
}

/** What was to be written is not: headers that say how it would have been are not those of what is written in its place. */
const OF_THE_BODY = ['Content-Encoding', 'Content-Language', 'Content-Range', 'Transfer-Encoding', 'Trailer'] as const;

/** Ends what somebody else writes: a client that has no head yet is told why by status, one that reads a stream of events by an event. */
export function endResponse(response: ServerResponse, { code, reason }: Goodbye, isEvents: boolean): void {
  if (response.writableEnded) return;
  // What is still written after its end is nobody's affair, and an error of a response that nobody listens for would end the process.
  response.on('error', ignore);
  if (response.headersSent) {
    if (isEvents) sayTo(response, `event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
    response.end();
  } else {
    for (const name of OF_THE_BODY) response.removeHeader(name);
    const { status, headers, body } = refusalAnswer(refusalOfEnd(reason));
    response.writeHead(status, headers).end(body);
  }
}

function ignore(): void {}
