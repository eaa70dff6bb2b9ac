import { afterEach, expect, onTestFinished, test } from 'vitest';

const beats: NodeJS.Timeout[] = [];
afterEach(() => {
  for (const one of beats.splice(0)) clearInterval(one);
});

function beat(): NodeJS.Timeout {
  return setInterval(() => undefined, 60_000);
}

test('[TK17] leaves an interval', () => {
  expect(beat()).toBeDefined();
});

test('[TK17] takes it away in a hook of the file', () => {
  expect(beats.push(beat())).toBe(1);
});

test('[TK17] takes it away when it is finished', () => {
  const mine = beat();
  onTestFinished(() => clearInterval(mine));
  expect(mine.hasRef()).toBe(true);
});
