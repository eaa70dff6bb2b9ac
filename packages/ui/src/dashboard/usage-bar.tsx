/** Of what may be held, how much is. */
export function UsageBar({ held, limit }: { readonly held: number; readonly limit: number | false }) {
  if (limit === false) return <span class="muted">no limit</span>;
  const share = limit === 0 ? 1 : Math.min(1, held / limit);
  const tone = share >= 1 ? 'bad' : share >= 0.8 ? 'unsure' : 'accent';
  return (
    <div class="usage" aria-hidden="true">
      <div class={`bar ${tone}`} style={{ width: `${(share * 100).toFixed(1)}%` }} />
    </div>
  );
}
