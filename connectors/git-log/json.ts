import { asText, isJsonObject, type JsonObject } from '../../core/connect';
import { isHash, type Commit } from './commit';

const HASH = ['commit', 'hash', 'sha', 'commit_hash', 'commit_id', 'id', 'abbreviated_commit'];
const SUBJECT = ['subject', 'message', 'title', 'summary', 'msg', 'commit_message'];
const AUTHORED = ['author_date', 'authorDate', 'authored_at', 'date', 'timestamp', 'time', 'ts'];
const COMMITTED = ['committer_date', 'commit_date', 'committerDate', 'commitDate', 'committed_at'];

/** The first of the keys that holds something. */
function pick(object: JsonObject, keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = object[key];
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

/** `{name, email, date}`, or a name. */
function person(value: unknown): { readonly name: string; readonly date: string } {
  if (!isJsonObject(value)) return { name: asText(value), date: '' };
  return { name: asText(value['name'] ?? value['login']), date: asText(value['date']) };
}

/** The commit of a line or object; says why it is none. Needs a hash, a message and a date. */
export function commitOfJson(line: string | JsonObject): Commit | string {
  const object = typeof line === 'string' ? parsed(line) : line;
  if (!isJsonObject(object)) return 'the line is not a JSON object';
  const hash = pick(object, HASH);
  if (!isHash(hash)) return 'the object has no hash of a commit';
  const message = asText(pick(object, SUBJECT));
  if (message === '') return 'the commit has no message';
  const author = person(object['author'] ?? object['author_name'] ?? object['an']);
  const committer = person(object['committer'] ?? object['committer_name']);
  const authored = author.date || asText(pick(object, AUTHORED));
  const committed = committer.date || asText(pick(object, COMMITTED));
  if (authored === '' && committed === '') return 'the commit has no date';
  const [subject = '', ...rest] = message.split('\n');
  const { files, parents, body, refs } = object;
  return {
    hash,
    author: author.name,
    committer: committer.name,
    authored,
    committed,
    subject,
    body: asText(body) || rest.join('\n'),
    refs: asText(refs),
    parents: typeof parents === 'string' ? parents.split(' ').filter(isHash) : [],
    files: Array.isArray(files) ? files.filter((file) => typeof file === 'string') : [],
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
