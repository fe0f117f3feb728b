/** How well lines were grouped by template, all shares from 0 to 1. */
export interface TemplateScore {
  /** Lines whose group holds exactly the lines of their true template (Zhu et al., ICSE-SEIP 2019). */
  readonly ga: number;
  /** F1 over templates: groups that are exactly one true template (Jiang et al., Loghub-2.0, ISSTA 2024). */
  readonly fga: number;
}

/** `found` and `truth` name the group of each line, by any two sets of names. */
export function templateScore(found: readonly string[], truth: readonly string[]): TemplateScore {
  if (found.length !== truth.length)
    throw new Error('As many groups as true templates are needed.');
  const groups = linesBy(found);
  const templates = linesBy(truth);
  let right = 0;
  let lines = 0;
  for (const members of groups.values()) {
    const template = truth[members[0] ?? -1];
    const whole = templates.get(template ?? '')?.length === members.length;
    if (!whole || members.some((line) => truth[line] !== template)) continue;
    right++;
    lines += members.length;
  }
  return {
    ga: found.length === 0 ? Number.NaN : lines / found.length,
    fga: (2 * right) / (groups.size + templates.size),
  };
}

function linesBy(names: readonly string[]): ReadonlyMap<string, number[]> {
  const out = new Map<string, number[]>();
  for (const [line, name] of names.entries()) {
    const lines = out.get(name);
    if (lines) lines.push(line);
    else out.set(name, [line]);
  }
  return out;
}
