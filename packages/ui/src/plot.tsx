import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

import { formatBytes } from '../../watertight/src/report/figures.ts';
import { drawStrip, STRIP_HEIGHT } from './plot-strip.ts';
import { clockText } from './text.ts';
import { Themed } from './theme.ts';

export interface PlotLine {
  readonly label: string;
  /** One for each x; `null` where nothing is known. */
  readonly values: readonly (number | null)[];
  readonly tone: 'bad' | 'accent' | 'muted';
}

interface PlotProps {
  readonly title: string;
  /** Ascending. */
  readonly x: readonly number[];
  readonly xTitle: string;
  /** x is in seconds since the epoch and new values keep coming; the last figures are listed when somebody asks for them. */
  readonly isLive?: boolean;
  readonly lines: readonly PlotLine[];
  /** In pixels. */
  readonly height: number;
  /** Vertical dotted lines. */
  readonly marks?: readonly number[];
  /** What happened between each x and the one before; the first says nothing. */
  readonly between?: { readonly title: string; readonly texts: readonly string[] };
  readonly format: (value: number) => string;
}

/** A tick at 4.8 MB is nobody's number. */
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** Lines over numbers. Who does not see the picture finds the same figures in the table below it. */
export function Plot(props: PlotProps) {
  const { title, x, lines } = props;
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | undefined>(undefined);
  const theme = useContext(Themed);
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const plot = new uPlot(optionsFor(props, element), columnsOf(props), element);
    drawn.current = plot;
    const fit = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: props.height }));
    fit.observe(element);
    return () => {
      fit.disconnect();
      plot.destroy();
      drawn.current = undefined;
    };
  }, [theme]);
  useEffect(() => drawn.current?.setData(columnsOf(props)), [x, lines]);
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <ul class="legend" aria-hidden="true">
        {lines.map(({ label, tone }) => (
          <li key={label} class={tone}>
            {label}
          </li>
        ))}
      </ul>
      <div ref={host} class="canvas" style={{ minHeight: `${props.height}px` }} aria-hidden="true" />
      <Figures {...props} />
    </figure>
  );
}

const LISTED_LIVE = 60;

/** What the picture shows, for those who do not see it. */
function Figures({ title, x, xTitle, lines, between, format, isLive = false }: PlotProps) {
  const [isOpen, setOpen] = useState(!isLive);
  const first = isLive ? Math.max(0, x.length - LISTED_LIVE) : 0;
  return (
    <details class="figures" onToggle={({ currentTarget }) => setOpen(!isLive || currentTarget.open)}>
      <summary>Figures</summary>
      {isOpen ? (
        <div class="scroll" tabIndex={0} role="group" aria-label={`Figures: ${title}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{xTitle}</th>
                {between === undefined ? null : <th scope="col">{between.title}</th>}
                {lines.map(({ label }) => (
                  <th key={label} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {x.slice(first).map((at, index) => (
                <tr key={`${at}-${index}`}>
                  <th scope="row">{isLive ? clockText(at) : at}</th>
                  {between === undefined ? null : <td>{between.texts[first + index]}</td>}
                  {lines.map(({ label, values }) => {
                    const value = values[first + index] ?? null;
                    return <td key={label}>{value === null ? '–' : format(value)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </details>
  );
}

function columnsOf({ x, lines }: PlotProps): uPlot.AlignedData {
  return [[...x], ...lines.map(({ values }) => [...values])];
}

function optionsFor(
  { height, x, lines, marks = [], between, format, xTitle, isLive = false }: PlotProps,
  host: HTMLElement,
): uPlot.Options {
  const muted = colorOf(host, '--muted');
  const grid = { stroke: colorOf(host, '--line'), width: 1 };
  const font = '11px system-ui, sans-serif';
  return {
    width: Math.max(200, host.clientWidth),
    height,
    padding: [between === undefined ? null : STRIP_HEIGHT, null, null, null],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high * 1.05)] } },
    axes: [
      {
        stroke: muted,
        grid: { show: false },
        ticks: grid,
        font,
        ...(isLive
          ? { size: 24, space: 80, values: (_, seconds) => seconds.map((at) => (at === null ? '' : clockText(at))) }
          : { label: xTitle, labelFont: font, labelSize: 16, size: 26 }),
      },
      {
        stroke: muted,
        grid,
        ticks: grid,
        font,
        size: isLive ? 64 : 56,
        values: (_, values) => values.map(format),
        ...(format === formatBytes ? { incrs: BYTE_STEPS } : {}),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, tone }) => {
        const stroke = colorOf(host, `--${tone}`);
        const points = { show: !isLive, size: 5, fill: stroke, stroke };
        return {
          label,
          stroke,
          width: isLive ? 1.5 : 2,
          spanGaps: true,
          points,
          ...(tone === 'muted' ? { dash: [5, 4] } : {}),
        };
      }),
    ],
    hooks: {
      drawAxes: [(plot) => drawMarks(plot, marks, muted)],
      draw: between === undefined ? [] : [(plot) => drawStrip(plot, x, between.texts)],
    },
  };
}

function drawMarks(plot: uPlot, marks: readonly number[], color: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.globalAlpha = 0.5;
  ctx.setLineDash([2, 3]);
  for (const mark of marks) {
    const left = Math.round(plot.valToPos(mark, 'x', true));
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** A canvas knows no variables: what the variable comes to at this moment. */
function colorOf(host: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
