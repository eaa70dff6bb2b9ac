import { expect, test } from 'vitest';
import { Trend } from './trend.ts';

const MINUTE_MS = 60_000;

test('[TM9] a line is followed to where it reaches a level, whatever lies around it', () => {
  const trend = new Trend(30 * MINUTE_MS, 10);
  for (let minute = 0; minute <= 40; minute += 1)
    trend.add(minute * MINUTE_MS, minute + (minute % 2 === 0 ? 0.2 : -0.2));
  expect(trend.msUntil(50) / MINUTE_MS).toBeCloseTo(10, 0);
  expect(trend.msUntil(40)).toBe(0);
});

test('[TM9] too little, nothing that grows, and one and the same moment say nothing', () => {
  expect(new Trend(MINUTE_MS, 2).msUntil(1)).toBe(Infinity);
  const few = new Trend(MINUTE_MS, 3);
  few.add(0, 0);
  few.add(1000, 1);
  expect(few.msUntil(2)).toBe(Infinity);
  const falling = new Trend(MINUTE_MS, 2);
  falling.add(0, 5);
  falling.add(1000, 4);
  expect(falling.msUntil(6)).toBe(Infinity);
  const sudden = new Trend(MINUTE_MS, 2);
  sudden.add(0, 1);
  sudden.add(0, 2);
  expect(sudden.msUntil(6)).toBe(Infinity);
});

test('[TM9] what is older than the window is forgotten', () => {
  const trend = new Trend(10_000, 2);
  for (let second = 0; second < 100; second += 1) trend.add(second * 1000, 100 - second);
  for (let second = 100; second < 112; second += 1) trend.add(second * 1000, second);
  expect(trend.msUntil(121) / 1000).toBeCloseTo(10, 5);
});

test('[TM9] a steep rise within a moment, as after a restart, is no slope yet', () => {
  const restarted = new Trend(30 * MINUTE_MS, 10, 2 * MINUTE_MS);
  for (let tenth = 0; tenth < 40; tenth += 1) restarted.add(tenth * 100, tenth / 10);
  expect(restarted.msUntil(20)).toBe(Infinity);
  restarted.add(2 * MINUTE_MS, 10);
  expect(restarted.msUntil(20)).toBeLessThan(5 * MINUTE_MS);
});

test('[TM9] what grows in steps is nearer to the next the longer it rests, and there only when it is', () => {
  const stairs = new Trend(30 * MINUTE_MS, 10);
  for (let minute = 0; minute <= 40; minute += 1) stairs.add(minute * MINUTE_MS, Math.floor(minute / 4));
  expect(stairs.msUntil(15) / MINUTE_MS).toBeCloseTo(20, 0);
  for (let minute = 41; minute <= 43; minute += 1) stairs.add(minute * MINUTE_MS, 10);
  expect(stairs.msUntil(15) / MINUTE_MS).toBeCloseTo(17, 0);
  for (let minute = 44; minute <= 52; minute += 1) stairs.add(minute * MINUTE_MS, 10);
  expect(stairs.msUntil(11)).toBeGreaterThan(0);
});

test('[TM9] a step or two are no stairs: who has opened one more tab is not about to open the next', () => {
  const tabs = new Trend(30 * MINUTE_MS, 10);
  for (let minute = 0; minute <= 30; minute += 1) tabs.add(minute * MINUTE_MS, minute < 15 ? 3 : 4);
  expect(tabs.msUntil(5)).toBeGreaterThan(15 * MINUTE_MS);
});
