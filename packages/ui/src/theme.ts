import { createContext } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type Shown = 'light' | 'dark';
const CHOICES = ['auto', 'light', 'dark'] as const;
export type ThemeChoice = (typeof CHOICES)[number];

/** What is shown now: canvases are drawn anew when it changes. */
export const Themed = createContext<Shown>('light');

export interface Theme {
  readonly choice: ThemeChoice;
  readonly shown: Shown;
  readonly next: () => void;
}

/** Light or dark as the system says, until somebody chooses. The choice lives as long as the page. */
export function useTheme(): Theme {
  const [choice, setChoice] = useState<ThemeChoice>('auto');
  const [isDark, setDark] = useState(() => systemIsDark().matches);
  useEffect(() => {
    const system = systemIsDark();
    const follow = (): void => setDark(system.matches);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, []);
  return {
    choice,
    shown: choice === 'auto' ? (isDark ? 'dark' : 'light') : choice,
    next: () => {
      const chosen = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? 'auto';
      if (chosen === 'auto') delete document.documentElement.dataset['theme'];
      else document.documentElement.dataset['theme'] = chosen;
      setChoice(chosen);
    },
  };
}

function systemIsDark(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)');
}
