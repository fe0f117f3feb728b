import { useSyncExternalStore } from 'react';

const NAMES = [
  'bg-0',
  'bg-1',
  'bg-2',
  'bg-3',
  'line',
  'line-strong',
  'fg-0',
  'fg-1',
  'fg-2',
  'accent',
  'accent-dim',
  'inc',
  'inc-dim',
  'base',
  'base-dim',
  'crit',
  'warn',
  'change',
  'ok',
  'heat-0',
  'heat-1',
  'heat-2',
  'heat-3',
  'heat-4',
] as const;

/** The tokens' colours as text, for canvases; `series` are Okabe–Ito colours that mean nothing else here. */
export type Colors = Readonly<Record<(typeof NAMES)[number], string>> & {
  readonly dark: boolean;
  readonly series: readonly string[];
  readonly font: string;
};

const SERIES_DARK = ['#56b4e9', '#2fb48c', '#cc79a7', '#f0e442'];
const SERIES_LIGHT = ['#0072b2', '#00795a', '#a3487e', '#7a6b00'];

let current: { readonly theme: string | undefined; readonly colors: Colors } | undefined;

function read(): Colors {
  const style = getComputedStyle(document.documentElement);
  const values = Object.fromEntries(
    NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as Record<(typeof NAMES)[number], string>;
  const dark = style.colorScheme !== 'light';
  const font = style.getPropertyValue('--font-ui').trim();
  return { ...values, dark, series: dark ? SERIES_DARK : SERIES_LIGHT, font };
}

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}

/** The theme may have changed while nobody was subscribed. */
function colorsNow(): Colors {
  const { theme } = document.documentElement.dataset;
  if (!current || current.theme !== theme) current = { theme, colors: read() };
  return current.colors;
}

/** The colours of the theme that is on; a new object when the theme changes. */
export function useColors(): Colors {
  return useSyncExternalStore(subscribe, colorsNow);
}
