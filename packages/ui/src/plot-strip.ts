import type uPlot from 'uplot';

/** In pixels, above what is drawn. */
export const STRIP_HEIGHT = 20;
/** In pixels, from one stretch to the next. */
const GAP = 4;

/**
 * Above the lines, what happened between each x and the one before, each over its own stretch. Where that is too short for the
 * text its first word has to do, and then nothing: a number that is cut is another number, and the table has them all.
 */
export function drawStrip(plot: uPlot, x: readonly number[], texts: readonly string[]): void {
  for (const old of plot.over.querySelectorAll('.between')) old.remove();
  for (const [index, text] of texts.entries()) {
    const [from, to] = [x[index - 1], x[index]];
    if (from === undefined || to === undefined || from === to || text === '') continue;
    const left = plot.valToPos(from, 'x');
    const label = document.createElement('span');
    label.className = 'between';
    label.style.left = `${left + GAP / 2}px`;
    label.style.width = `${Math.max(0, plot.valToPos(to, 'x') - left - GAP)}px`;
    plot.over.append(label);
    for (const shown of [text, text.split(' ', 1).join(''), '']) {
      label.textContent = shown;
      if (label.scrollWidth <= label.clientWidth) break;
    }
  }
}
