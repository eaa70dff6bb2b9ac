import type { Theme } from './theme.ts';

export function ThemeButton({ theme }: { readonly theme: Theme }) {
  return (
    <button type="button" class="quiet" onClick={theme.next} aria-label={`Colours: ${theme.choice}. Change`}>
      {theme.choice === 'auto' ? '◐' : theme.choice === 'light' ? '○' : '●'} {theme.choice}
    </button>
  );
}
