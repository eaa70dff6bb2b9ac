import { expect, test } from 'vitest';
import { specimenNames } from './specimen-names.ts';

test('[F8] specimens of one process have a name each, also where one is there twice', () => {
  expect(specimenNames(['healthy', 'D-01', 'healthy', 'healthy'])).toEqual([
    'healthy',
    'D-01',
    'healthy 2',
    'healthy 3',
  ]);
});
