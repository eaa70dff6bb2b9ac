/** What a page of metrics says: a value for each series, in the order in which they stand there. */
export interface GaugeSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** Behind the value may stand a time, in OpenMetrics with a fraction, and there also an exemplar with labels and a value of its own. */
const LINE =
  /^([A-Za-z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s+(\S+)(?:\s+-?\d+(?:\.\d+)?)?(?:\s+#\s.*)?\s*$/;
const LABEL = /([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/**
 * Reads the text format of Prometheus and OpenMetrics, or JSON: there a path of keys with dots is a name, and an array counts by its
 * length. Lines that are neither are passed over.
 *
 * @throws SyntaxError for text that begins like JSON and is none.
 */
export function readGauges(text: string): readonly GaugeSample[] {
  const isJson = /^\s*[{[]/.test(text);
  return isJson ? [...samplesOf(JSON.parse(text), '')] : text.split('\n').flatMap(sampleOfLine);
}

/** Whether a sample is meant by what somebody asked for: a name, or a name with some of its labels. */
export function asksFor(wanted: string, { name, labels }: GaugeSample): boolean {
  const [, wantedName, wantedLabels] = /^([^{]+)(?:\{(.*)\})?$/.exec(wanted.trim()) ?? [];
  return (
    wantedName?.trim() === name && [...labelsOf(wantedLabels ?? '')].every(([key, value]) => labels.get(key) === value)
  );
}

function sampleOfLine(line: string): GaugeSample[] {
  const [, name, labels = '', digits = ''] = LINE.exec(line.trim()) ?? [];
  const value = Number(digits);
  // `NaN` and the infinities are values in this format; nothing grows by them.
  return name === undefined || !Number.isFinite(value) ? [] : [{ name, labels: labelsOf(labels), value }];
}

function labelsOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(LABEL)].map(([, key = '', value = '']) => [key, value.replaceAll(/\\(.)/g, '$1')]));
}

function* samplesOf(value: unknown, path: string): Generator<GaugeSample> {
  if (typeof value === 'number') yield { name: path, labels: new Map(), value };
  if (Array.isArray(value)) yield { name: path, labels: new Map(), value: value.length };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) yield* samplesOf(inner, path === '' ? key : `${path}.${key}`);
}
