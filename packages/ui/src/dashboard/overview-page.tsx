import { formatBytes, formatMs } from '../../../watertight/src/report/figures.ts';
import { Section } from '../section.tsx';
import { countText, durationText, numberText, plain } from '../text.ts';
import { Charts } from './charts.tsx';
import { Cleanup } from './cleanup.tsx';
import { Counts } from './counts.tsx';
import { FactoryActions } from './factory-actions.tsx';
import { type Fact, Tiles } from './tiles.tsx';
import type { Series } from './series.ts';
import type { FactoryLook, Overview } from './types.ts';
import { Verdict } from './verdict.tsx';
import { UsersTable } from './users-table.tsx';

/** What somebody knows after ten seconds: is anybody locked out, does anything stay behind, since when. */
export function OverviewPage({
  overview,
  factory,
  series,
}: {
  readonly overview: Overview;
  readonly factory: FactoryLook;
  readonly series: Series | undefined;
}) {
  const { stats, options } = factory;
  return (
    <>
      <Verdict factory={factory} />
      <Tiles facts={factsOf(factory, overview)} />
      {series === undefined ? null : <Charts series={series} />}
      <div class="columns two">
        <Section id="largest" title="Largest users" beside={<a href="#/users">all {numberText(stats.users)}</a>}>
          {stats.perUser.length === 0 ? <p class="muted">Nobody is here.</p> : <UsersTable users={stats.perUser} />}
        </Section>
        <Section id="cleanup" title="Cleanup" beside={<span class="muted">since the start</span>}>
          <Cleanup cleanup={stats.cleanup} deadlineMs={options.cleanupDeadlineMs} />
        </Section>
        <Section id="refused" title="Refused" beside={<span class="muted">by reason</span>}>
          <Counts counts={stats.refusedByReason} nothing="Nobody was refused." tone="bad" />
        </Section>
        <Section id="released" title="Released" beside={<span class="muted">by reason</span>}>
          <Counts counts={stats.released.byReason} nothing="Nobody has left yet." tone="accent" />
        </Section>
      </div>
      <FactoryActions factory={factory} />
      <p class="muted foot">
        Process {overview.process.pid}, Node.js {overview.process.node}, up for{' '}
        {durationText(overview.process.uptimeMs)}, {formatBytes(overview.process.rssBytes)} resident,{' '}
        {Math.round(overview.process.cpuShare * 100)} % of a core. One snapshot each{' '}
        {durationText(overview.looks.everyMs)} for {countText(overview.looks.viewers, 'viewer')}; the last took{' '}
        {formatMs(overview.looks.tookMs)}.
      </p>
    </>
  );
}

function factsOf(factory: FactoryLook, { process, ...overview }: Overview): readonly Fact[] {
  const { stats, options, perSecond, quota } = factory;
  const held = stats.active + stats.pending;
  const { finalizersDone, socketGone } = stats.cleanup;
  const overdue = finalizersDone.overDeadline + socketGone.overDeadline;
  return [
    {
      name: 'Managers',
      value: numberText(held),
      of: options.maxManagers === false ? '' : `of ${numberText(options.maxManagers)}`,
      detail: `${numberText(stats.pending)} pending, ${numberText(stats.closing)} closing`,
      tone: options.maxManagers !== false && held >= options.maxManagers ? 'bad' : undefined,
    },
    {
      name: 'Connections',
      value: numberText(stats.connections),
      detail:
        stats.withoutConnection === 0
          ? 'every manager has one'
          : `${numberText(stats.withoutConnection)} managers without, one of them for ${durationText(stats.oldestWithoutConnectionAgeMs ?? 0)}`,
      tone: (stats.oldestWithoutConnectionAgeMs ?? 0) > 60_000 ? 'unsure' : undefined,
    },
    {
      name: 'Admitted',
      value: perSecond === null ? '–' : numberText(perSecond.created),
      of: 'a second',
      detail: `${numberText(stats.created)} in all`,
    },
    {
      name: 'Refused',
      value: perSecond === null ? '–' : numberText(perSecond.refused),
      of: 'a second',
      detail: countText(stats.limitHits, 'limit hit'),
      tone: (perSecond?.refused ?? 0) > 0 ? 'bad' : undefined,
    },
    {
      name: 'Cleanup p99',
      value: finalizersDone.count === 0 ? '–' : formatMs(Math.max(finalizersDone.p99Ms, socketGone.p99Ms)),
      of: `of ${formatMs(options.cleanupDeadlineMs)}`,
      detail: overdue === 0 ? 'none over the deadline' : `${numberText(overdue)} over the deadline`,
      tone: finalizersDone.count === 0 ? undefined : overdue > 0 ? 'unsure' : 'ok',
    },
    {
      name: 'Loop delay p99',
      value: formatMs(process.loopDelay.p99Ms),
      detail: `at most ${formatMs(process.loopDelay.maxMs)}; held up ${numberText(stats.liveness.heldUp)} times, ${formatMs(stats.liveness.longestHeldUpMs)} at most`,
      tone: process.loopDelay.p99Ms > 100 ? 'bad' : undefined,
    },
    sweepFact(factory),
    {
      name: 'Emergency',
      value: numberText(stats.emergency.usersInEmergency),
      of: stats.emergency.usersInEmergency === 1 ? 'user in it' : 'users in it',
      detail: `${countText(stats.emergency.runs, 'run')} removed ${numberText(sum(stats.emergency.removed))}`,
      tone: stats.emergency.usersInEmergency > 0 ? 'unsure' : undefined,
    },
    {
      name: 'Pressure',
      value: plain(stats.pressure.state),
      detail: pressureText(factory),
      tone: stats.pressure.state === 'normal' ? undefined : stats.pressure.state === 'overloaded' ? 'bad' : 'unsure',
    },
    quota === null
      ? {
          name: 'Nodes',
          value: '1',
          detail: 'limits hold for this process alone',
        }
      : {
          name: 'Nodes',
          value: numberText(quota.nodes),
          detail:
            quota.awayForMs === null
              ? `${plain(quota.store)} answers; ${countText(quota.leases, 'lease')} here, ${numberText(sum(quota.lost))} lost`
              : `${plain(quota.store)} does not answer for ${durationText(quota.awayForMs)}`,
          tone: quota.awayForMs === null ? 'ok' : 'bad',
        },
    {
      name: 'Suspected leaks',
      value: numberText(stats.suspicions.standing),
      detail: 'of the code above the runtime',
      tone: stats.suspicions.standing > 0 ? 'unsure' : undefined,
    },
    {
      name: 'Alerts',
      value: numberText(factory.alerts.length),
      detail: overview.factories.length > 1 ? 'of this factory' : 'firing',
      tone: factory.alerts.length > 0 ? 'bad' : undefined,
    },
  ];
}

function sweepFact({ stats, options }: FactoryLook): Fact {
  const { running, lastRunAtMs, removed, lastError } = stats.sweep;
  if (options.sweepIntervalMs === false) return { name: 'Sweep', value: 'off', detail: 'by option' };
  const every = `every ${durationText(options.sweepIntervalMs)}`;
  if (!running && stats.state === 'open')
    return { name: 'Sweep', value: 'not running', detail: 'nobody started the factory', tone: 'bad' };
  const ageMs = lastRunAtMs === null ? null : stats.takenAtMs - lastRunAtMs;
  return {
    name: 'Sweep',
    value: ageMs === null ? 'not yet' : durationText(ageMs),
    of: ageMs === null ? '' : 'ago',
    detail: lastError === null ? `${every}; it removed ${numberText(removed)}` : plain(lastError),
    tone: lastError !== null || (ageMs ?? 0) > 3 * options.sweepIntervalMs ? 'bad' : undefined,
  };
}

function pressureText({ stats: { pressure } }: FactoryLook): string {
  const shares = [
    ['managers', pressure.managers],
    ['heap', pressure.heap],
    ['event loop', pressure.eventLoopDelay],
  ] as const;
  const told = shares.flatMap(([name, share]) => (share === null ? [] : `${name} ${Math.round(share * 100)} %`));
  return told.length === 0 ? 'no limit of the process is set' : `${told.join(', ')} of the limit`;
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
