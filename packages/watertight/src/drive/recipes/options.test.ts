import { expect, test } from 'vitest';
import { filled } from './options.ts';

test('[D29] a user is filled in as it is, whatever a replacement makes of a dollar sign', () => {
  expect(filled('{user} is {index}', { user: "a$&b$$c$'", index: 7 })).toBe("a$&b$$c$' is 7");
});
