/** Okabe–Ito's colours, distinguishable with every kind of colour vision; then grey for the rest. */
const OKABE_ITO = [
  '#56b4e9',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#0072b2',
  '#d55e00',
  '#f0e442',
  '#999999',
] as const;

const OTHERS = '#7f8b97';

/** Colours for names, in the order given: at most eight, then grey. */
export function colourScale(names: readonly string[]): (name: string) => string {
  const index = new Map(names.map((name, at) => [name, at]));
  return (name) => OKABE_ITO[index.get(name) ?? OKABE_ITO.length] ?? OTHERS;
}
