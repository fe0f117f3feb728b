/** Fields of one role that a notice names. */
const NAMED = 4;

const ROLES: readonly (readonly [string, string])[] = [
  ['time', 'time'],
  ['level', 'level'],
  ['message', 'message'],
  ['trace', 'trace id'],
  ['context', 'trace and span id'],
  ['span', 'span id'],
  ['service.name', 'service'],
  ['host.name', 'host'],
  ['k8s.pod.name', 'pod'],
];

/** Counts which fields the parts of a log record were read from, for a notice. */
export class FieldsUsed {
  private readonly used = new Map<string, Map<string, number>>();

  /** `role` is one of FieldRole's or the name of a resource attribute. */
  add(role: string, path: string): void {
    let paths = this.used.get(role);
    if (!paths) this.used.set(role, (paths = new Map()));
    paths.set(path, (paths.get(path) ?? 0) + 1);
  }

  /** "time from ts; level from level (12), lvl (3); …" */
  said(): string {
    const parts = ROLES.flatMap(([role, word]) => {
      const paths = [...(this.used.get(role) ?? [])].sort((a, b) => b[1] - a[1]);
      if (paths.length === 0) return [];
      const names = paths
        .slice(0, NAMED)
        .map(([path, n]) => (paths.length > 1 ? `${path.slice(0, 60)} (${n})` : path.slice(0, 60)));
      const more = paths.length > NAMED ? ` and ${paths.length - NAMED} others` : '';
      return [`${word} from ${names.join(', ')}${more}`];
    });
    return parts.length === 0
      ? 'No field is known by its name; all are attributes.'
      : `Fields were taken by their names: ${parts.join('; ')}.`;
  }
}
