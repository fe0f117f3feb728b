/**
 * Log templates by a fixed-depth tree (Drain: He et al., ICWS 2017): lines of equal length and equal first
 * token are compared with the templates of their leaf; tokens that differ become <*>. One mask set for all.
 */
export interface Template {
  tokens: string[];
  readonly id: number;
}

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<*>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g, '<*>'],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b/g, '<*>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<*>'],
  [/\b0x[0-9a-f]+\b/gi, '<*>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b/gi, '<*>'],
  [/(?<![A-Za-z])[-+]?\d+(?:[.,]\d+)*(?=[a-zµ%]{0,3}\b)/g, '<*>'],
];

export function maskLine(line: string): string {
  let out = line;
  for (const [pattern, mask] of MASKS) out = out.replace(pattern, mask);
  return out;
}

const SIMILAR = 0.6;

export class TemplateMiner {
  private readonly leaves = new Map<string, Template[]>();
  private readonly known = new Map<string, Template>();
  readonly templates: Template[] = [];

  /** The template of a line; the same object for all lines of a kind. */
  add(line: string): Template {
    const masked = maskLine(line);
    const seen = this.known.get(masked);
    if (seen) return seen;
    const tokens = masked.trim().split(/\s+/).slice(0, 80);
    const head = tokens.slice(0, 2).map((token) => (token.includes('<*>') ? '<*>' : token));
    const key = `${tokens.length}\u0001${head.join('\u0001')}`;
    const leaf = this.leaves.get(key) ?? [];
    this.leaves.set(key, leaf);
    let best: Template | undefined;
    let bestShare = SIMILAR;
    for (const template of leaf) {
      const share = similarity(template.tokens, tokens);
      if (share >= bestShare) [best, bestShare] = [template, share];
    }
    if (best) {
      best.tokens = best.tokens.map((token, i) => (token === tokens[i] ? token : '<*>'));
    } else {
      best = { tokens, id: this.templates.length };
      leaf.push(best);
      this.templates.push(best);
    }
    this.known.set(masked, best);
    return best;
  }
}

function similarity(template: readonly string[], tokens: readonly string[]): number {
  let same = 0;
  for (let i = 0; i < tokens.length; i++) if (template[i] === tokens[i]) same++;
  return same / tokens.length;
}

/** The longest fixed words of a template, for finding its lines again by text. */
export function fixedPieces(template: string, most = 4): string[] {
  const words = template.split(/\s+/).flatMap((token) => token.split('<*>'));
  return [...new Set(words)]
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .slice(0, most);
}
