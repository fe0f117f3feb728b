/** One request of an access log. What the log leaves open ("-") is ''. */
export interface AccessLine {
  /** Host and port where the log begins with them (vhost_combined), else ''. */
  readonly host: string;
  readonly client: string;
  readonly user: string;
  /** Between the brackets. */
  readonly time: string;
  /** "GET /cart HTTP/1.1", or what a client sent instead. */
  readonly request: string;
  readonly status: string;
  readonly bytes: string;
  /** Undefined in the common format. */
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
  /** Whatever fields a server was told to add. */
  readonly rest: string;
}

/**
 * A line of the Common or Combined Log Format of Apache and nginx (httpd.apache.org/docs/logs.html), also with the
 * virtual host before it. Undefined for others.
 */
export function parseAccess(line: string): AccessLine | undefined {
  const open = line.indexOf(' [');
  const close = line.indexOf('] "', open);
  if (open < 3 || close < 0 || open > 500) return undefined;
  const before = line.slice(0, open).split(' ');
  // client identd user, or host client identd user; a user's name may have spaces.
  if (before.length < 3) return undefined;
  const host = before.length > 3 && before[1] !== '-' ? (before.shift() ?? '') : '';
  const [client = '', , ...user] = before;
  const request = quoted(line, close + 2);
  if (!request) return undefined;
  const after = /^ (\d{3}|-) (\d+|-)(?= |$)/.exec(line.slice(request.end, request.end + 40));
  if (!after) return undefined;
  let at = request.end + after[0].length;
  const referer = line.startsWith(' "', at) ? quoted(line, at + 1) : undefined;
  const agent =
    referer && line.startsWith(' "', referer.end) ? quoted(line, referer.end + 1) : undefined;
  if (agent) at = agent.end;
  return {
    host,
    client: given(client),
    user: given(user.join(' ')),
    time: line.slice(open + 2, close),
    request: request.text,
    status: given(after[1]),
    bytes: given(after[2]),
    referer: agent && referer ? given(referer.text) : undefined,
    userAgent: agent ? given(agent.text) : undefined,
    rest: line.slice(at).trim(),
  };
}

function given(text = ''): string {
  return text === '-' ? '' : text;
}

/** The text in quotes that begins at `from`, and where it ends. */
function quoted(
  line: string,
  from: number,
): { readonly text: string; readonly end: number } | undefined {
  let at = from + 1;
  while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1;
  if (at >= line.length) return undefined;
  return { text: unescaped(line.slice(from + 1, at)), end: at + 1 };
}

/**
 * Apache writes \" \\ and \xhh, nginx \x22 and \x5C. Bytes that make no readable text together stay as they
 * stand there.
 */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = new TextEncoder().encode(text);
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at] ?? 0;
    if (byte === 92) {
      const hex = /^x[0-9A-Fa-f]{2}/.exec(
        String.fromCharCode(...bytes.subarray(at + 1, at + 4)),
      )?.[0];
      byte = hex ? parseInt(hex.slice(1), 16) : (bytes[at + 1] ?? 92);
      at += hex ? 3 : 1;
    }
    if (byte < 32 || byte === 127) return text;
    out[length++] = byte;
  }
  const read = decoder.decode(out.subarray(0, length));
  return read.includes('\uFFFD') ? text : read;
}

const decoder = new TextDecoder();
