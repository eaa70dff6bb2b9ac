import { Plot, type PlotLine } from './plot.tsx';
import type { Evidence, Finding } from './types.ts';

interface Curve {
  readonly cycles: readonly number[];
  readonly left: readonly number[];
}

/** What was left after so many connections, beside everything of its kind that does not grow. */
export function GrowthChart({
  finding,
  evidence,
}: {
  readonly finding: Finding;
  readonly evidence: Evidence | undefined;
}) {
  const leak = curveOf(finding.windows);
  const control = controlOf(finding, evidence);
  if (leak.cycles.length < 2) return <p class="muted">Growth over windows was not recorded.</p>;
  const x = [...new Set([...leak.cycles, ...(control?.cycles ?? [])])].toSorted((a, b) => a - b);
  const at = ({ cycles, left }: Curve): readonly (number | null)[] =>
    x.map((count) => left[cycles.lastIndexOf(count)] ?? null);
  const lines: PlotLine[] = [{ label: 'this leak', values: at(leak), tone: 'bad' }];
  if (control !== undefined) lines.push({ label: `control: ${control.name}`, values: at(control), tone: 'muted' });
  return (
    <Plot
      title="Left behind after so many connections"
      x={x}
      xTitle="connections"
      lines={lines}
      height={170}
      format={(value) => String(Math.round(value))}
    />
  );
}

function curveOf(windows: Finding['windows']): Curve {
  const cycles = [0];
  const left = [0];
  for (const window of windows) {
    cycles.push((cycles.at(-1) ?? 0) + window.cycles);
    left.push((left.at(-1) ?? 0) + window.grew);
  }
  return { cycles, left };
}

function controlOf({ kind }: Finding, evidence: Evidence | undefined): (Curve & { readonly name: string }) | undefined {
  const row = evidence?.controls?.find((one) => one.kind === kind);
  if (evidence === undefined || row === undefined) return undefined;
  const cycles: number[] = [];
  const left: number[] = [];
  let done = 0;
  let first: number | undefined;
  for (const [index, look] of evidence.looks.entries()) {
    done += look.cycles;
    const count = row.counts[index];
    if (count === undefined || count === null) continue;
    first ??= count;
    cycles.push(done);
    left.push(count - first);
  }
  return cycles.length < 2 ? undefined : { cycles, left, name: row.name };
}
