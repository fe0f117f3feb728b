/** Undefined for what is no address. URL.canParse is newer than the oldest Chromium that runs this. */
export function parsedUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

export interface Address {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/**
 * An address as people paste it ("prom:9090", "https://user:secret@host/prometheus/"), its sign-in taken
 * out; undefined where it is none.
 */
export function parseAddress(text: string): Address | undefined {
  const typed = text.trim();
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `http://${typed}`;
  if (typed === '' || !parsedUrl(full)) return undefined;
  const url = new URL(full);
  if (!/^https?:$/.test(url.protocol) || url.hostname === '') return undefined;
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  url.hash = '';
  return { url: url.href.replace(/\/$/, ''), username, password };
}
