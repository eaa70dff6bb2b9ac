import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { containerMemoryLimitBytes } from './container-memory.ts';
import { estimateSnapshotCost } from './snapshot-cost.ts';

describe('the cost of a snapshot', () => {
  it('[S12] is near what was measured at 2.1 million objects', () => {
    const { nodeCount, stopSeconds, targetBytes, fileBytes } = estimateSnapshotCost({ objectCount: 2_120_000 });
    expect(nodeCount / 5_700_000).toBeCloseTo(1.1, 0);
    expect(stopSeconds).toBeGreaterThan(14);
    expect(stopSeconds).toBeLessThan(28);
    expect(targetBytes).toBeGreaterThan(2.2e9);
    expect(fileBytes / 386e6).toBeCloseTo(1.1, 0);
    expect(estimateSnapshotCost({ heapUsedBytes: 188e6 }).nodeCount / 5_700_000).toBeCloseTo(1, 1);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('[S12] is not said for %s objects', (objectCount) => {
    expect(() => estimateSnapshotCost({ objectCount })).toThrow(RangeError);
  });
});

describe('the memory limit of a container', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'watertight-cgroup-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const file = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  it('[S12] is the lowest on the way up, in version 2', () => {
    file('proc/12/cgroup', '0::/a/b\n');
    file('sys/fs/cgroup/a/b/memory.max', 'max\n');
    file('sys/fs/cgroup/a/memory.max', '536870912\n');
    file('sys/fs/cgroup/memory.max', '1073741824\n');
    expect(containerMemoryLimitBytes(12, root)).toBe(536_870_912);
  });

  it('[S12] is read from the memory controller in version 1', () => {
    file('proc/12/cgroup', '5:cpu,cpuacct:/x\n4:memory:/docker/y\n');
    file('sys/fs/cgroup/memory/memory.limit_in_bytes', '268435456\n');
    file('sys/fs/cgroup/memory/docker/y/memory.limit_in_bytes', '9223372036854771712\n');
    expect(containerMemoryLimitBytes(12, root)).toBe(268_435_456);
  });

  it('[S12] is absent where nobody set one', () => {
    expect(containerMemoryLimitBytes(12, root)).toBeUndefined();
    file('proc/12/cgroup', '0::/\n');
    file('sys/fs/cgroup/memory.max', 'max\n');
    expect(containerMemoryLimitBytes(12, root)).toBeUndefined();
  });
});
