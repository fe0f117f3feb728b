import { headJson, isJsonObject, type FileGroup, type ListedFile } from '../../core/connect';

const DAY = /^(.*?)([^/]+)\/\d{4}-\d\d-\d\d\.json$/;

/**
 * The exports among files: below a folder that has a list of people of Slack, everything that lies where an export
 * has it. The lists come first: they name who is in the messages.
 */
export async function exportsIn(files: readonly ListedFile[]): Promise<readonly FileGroup[]> {
  const groups: FileGroup[] = [];
  for (const users of files.filter(({ name }) => /(?:^|\/)(?:org_)?users\.json$/.test(name))) {
    const root = users.name.slice(0, users.name.lastIndexOf('/') + 1);
    if (groups.some(({ files: taken }) => taken.includes(users.name))) continue;
    const days = files.filter(({ name }) => DAY.exec(name)?.[1] === root).map(({ name }) => name);
    if (days.length === 0 || !(await hasPeople(users))) continue;
    const lists = files
      .map(({ name }) => name)
      .filter((name) => name.startsWith(root) && LISTS.has(name.slice(root.length)));
    groups.push({
      name: root === '' ? 'Slack export' : root.slice(0, -1),
      files: [...lists.sort(), ...days.sort()],
      why: `A Slack export: people, channels and ${days.length} days of messages are read as one.`,
    });
  }
  return groups;
}

const LISTS = new Set(
  ['users', 'org_users', 'channels', 'groups', 'dms', 'mpims', 'integration_logs', 'canvases'].map(
    (name) => `${name}.json`,
  ),
);

async function hasPeople(file: ListedFile): Promise<boolean> {
  const value = headJson(await file.head());
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return isJsonObject(first) && 'id' in first && ('profile' in first || 'team_id' in first);
}
