import type { CheckResult, ScenarioResult } from '../verdict/types.ts';

const VERDICTS = ['watertight', 'leak', 'violation', 'inconclusive', 'not promised', 'not visible'] as const;

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * The result as metrics, in Prometheus' text format: for a Pushgateway, and for the textfile collector of node_exporter.
 * Gauges only: each run says how it is now.
 */
export function renderPrometheus(result: CheckResult): string {
  return familiesOf(result).map(renderFamily).join('');
}

function familiesOf(result: CheckResult): readonly Family[] {
  const { scenarios } = result;
  const finishedAtMs = Date.parse(result.startedAt) + result.elapsedMs;
  return [
    {
      name: 'watertight_check_exit_code',
      help: 'What the check ended with: 0 watertight, 1 a leak or a violation, 3 inconclusive.',
      samples: [{ value: result.exitCode }],
    },
    {
      name: 'watertight_check_finished_timestamp_seconds',
      help: 'When the check was over.',
      samples: [{ value: Math.round(finishedAtMs / 1_000) }],
    },
    {
      name: 'watertight_check_duration_seconds',
      help: 'How long the check took.',
      samples: [{ value: Math.round(result.elapsedMs) / 1_000 }],
    },
    {
      name: 'watertight_check_sockets_opened',
      help: 'Connections that the check opened.',
      samples: [{ value: result.socketsOpened }],
    },
    {
      name: 'watertight_check_verdict',
      help: '1 for the verdict of a scenario, 0 for the others.',
      samples: scenarios.flatMap((scenario) =>
        VERDICTS.map((verdict) => ({
          labels: { scenario: scenario.name, verdict },
          value: scenario.verdict === verdict ? 1 : 0,
        })),
      ),
    },
    {
      name: 'watertight_check_violations',
      help: 'What a scenario was convicted of, by type.',
      samples: scenarios.flatMap(violationsOf),
    },
    {
      name: 'watertight_check_leaks',
      help: 'Causes of leaks that were found.',
      samples: [{ value: scenarios.reduce((sum, { findings }) => sum + findings.length, 0) }],
    },
    {
      name: 'watertight_check_timing_seconds',
      help: 'What was measured, by operation: median, 95 % and longest.',
      samples: scenarios.flatMap(({ name, timings }) =>
        Object.entries(timings).flatMap(([operation, { p50Ms, p95Ms, maxMs }]) =>
          Object.entries({ '0.5': p50Ms, '0.95': p95Ms, '1': maxMs }).flatMap(([quantile, ms]) =>
            Number.isFinite(ms) ? [{ labels: { scenario: name, operation, quantile }, value: ms / 1_000 }] : [],
          ),
        ),
      ),
    },
  ];
}

function violationsOf({ name, violations }: ScenarioResult): Sample[] {
  const counts = new Map<string, number>();
  for (const { type, expected } of violations) if (!expected) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, value]) => ({ labels: { scenario: name, type }, value }));
}

function renderFamily({ name, help, samples }: Family): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels = {}, value }) => {
    const shown = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    return `${name}${shown.length === 0 ? '' : `{${shown.join(',')}}`} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
