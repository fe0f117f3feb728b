import type { Attributes } from '../../model';

/**
 * Matchers for exactly these labels (`job="cart"`), by name, as PromQL, LogQL and Alertmanager read them. A name that
 * is none of the classic ones stands in quotes, as Prometheus 3 and Alertmanager 0.27 know it.
 */
export function labelMatchers(labels: Attributes): readonly string[] {
  return Object.keys(labels)
    .sort()
    .map((name) => {
      const classic = /^[a-zA-Z_]\w*$/.test(name);
      return `${classic ? name : quotedLabel(name)}=${quotedLabel(labels[name] ?? '')}`;
    });
}

/** As Go writes a string. */
export const quotedLabel = (text: string): string => JSON.stringify(text);
