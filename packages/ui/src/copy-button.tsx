import { useState } from 'preact/hooks';

/** Copies a text; where the browser does not let a page do that, shows it selected. */
export function CopyButton({ text, label }: { readonly text: () => string; readonly label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'shown'>('idle');
  const copy = (): void => {
    navigator.clipboard.writeText(text()).then(
      () => setState('copied'),
      () => setState('shown'),
    );
  };
  return (
    <span class="copy">
      <button type="button" class="quiet" onClick={copy}>
        {state === 'copied' ? 'Copied' : label}
      </button>
      <span role="status" class="unseen">
        {state === 'copied' ? 'Copied to the clipboard' : ''}
      </span>
      {state === 'shown' ? <textarea readOnly rows={8} aria-label={label} value={text()} ref={select} /> : null}
    </span>
  );
}

function select(area: HTMLTextAreaElement | null): void {
  area?.select();
}
