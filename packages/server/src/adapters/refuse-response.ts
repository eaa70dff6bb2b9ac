import type { ServerResponse } from 'node:http';

import type { Refusal } from '../index.ts';
import { refusalAnswer } from './refuse.ts';
import type { RefusalBudget } from './refusal-budget.ts';

/** Tells whoever waits for a response why there is none, or ends its connection where too many were told within the second. */
export function refuseResponse(response: ServerResponse, refusal: Refusal, budget: RefusalBudget): void {
  if (response.headersSent || response.destroyed) return;
  if (budget.spend() === 'destroy') {
    response.destroy();
    return;
  }
  const { status, headers, body } = refusalAnswer(refusal);
  response.writeHead(status, headers).end(body);
}
