import { expect, test } from 'vitest';
import { REFUSED } from '../../drive/refusal.ts';
import type { Refused } from '../../drive/types.ts';
import { whatIsUndocumented } from './refusal.ts';

const refused = (said: Partial<Refused>): Refused => ({ ...REFUSED, ...said });

test.each([
  ['429 without a body', { httpStatus: 429 }],
  ['429 with reason and limit', { httpStatus: 429, body: { reason: 'user-limit', limit: 20, held: 20 } }],
  ['503 with a text', { httpStatus: 503, body: 'too many' }],
  ['a close code of its own', { closeCode: 4429 }],
  ['policy violation', { closeCode: 1008 }],
  ['try again later', { closeCode: 1013 }],
  ['words of the protocol', { message: 'too many' }],
  ['words that name a status', { message: 'too many', httpStatus: 429, body: { limit: 20 } }],
])('[N12] %s documents a refusal at the limit', (_name, said) => {
  expect(whatIsUndocumented(refused(said), 20)).toBeUndefined();
});

test.each([
  ['no answer', { failure: 'the server reset the connection (ECONNRESET)' }, 'got no answer'],
  ['an internal error', { httpStatus: 500 }, 'HTTP status 500'],
  ['a normal close', { closeCode: 1000 }, 'close code 1000'],
  ['no code', {}, 'close code none'],
  ['another limit', { httpStatus: 429, body: { limit: 5 } }, 'says the limit is 5, promised are 20'],
  ['a message without a word', { message: '' }, 'without a word'],
  ['words beside a wrong code', { message: 'too many', closeCode: 1000 }, 'close code 1000'],
  ['an empty reason', { httpStatus: 429, body: { reason: '' } }, 'empty reason'],
])('[N12] %s does not', (_name, said, why) => {
  expect(whatIsUndocumented(refused(said), 20)).toContain(why);
});
