/** One figure, with what makes something of it. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  /** Beside the value: its unit, or what it is out of. */
  readonly of?: string;
  readonly detail: string;
  readonly tone?: 'ok' | 'bad' | 'unsure' | undefined;
}

export function Tiles({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="tiles figures-now">
      {facts.map(({ name, value, of = '', detail, tone }) => (
        <div key={name} class={`tile ${tone ?? ''}`}>
          <dt>{name}</dt>
          <dd class="figure">
            <b>{value}</b> <span>{of}</span>
          </dd>
          <dd class="muted">{detail}</dd>
        </div>
      ))}
    </dl>
  );
}
