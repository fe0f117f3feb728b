import { isBrokerAddress, parseBrokerAddress } from '../../../../core/host';

/** Undefined for what is no address. URL.canParse is newer than the oldest Chromium that runs this. */
function parsedUrl(text: string): URL | undefined {
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
 * An address as people paste it ("prom:9090", "https://user:secret@host/prometheus/", "kafka://a:9092,b:9092"), its
 * sign-in taken out; undefined where it is none.
 */
export function parseAddress(text: string): Address | undefined {
  const typed = text.trim();
  if (isBrokerAddress(typed)) return parseBrokerAddress(typed);
  // Browsers differ in what they take for the host of such an address.
  if (/^s3:\/\/[a-z0-9]/i.test(typed)) {
    return { url: typed.replace(/\/$/, ''), username: '', password: '' };
  }
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

/** What is wrong with an address for a kind of backend that has addresses like the example; undefined where nothing is. */
export function addressFault(text: string, example: string): string | undefined {
  if (isBrokerAddress(example)) {
    if (parseBrokerAddress(text)) return undefined;
    return `Give the brokers as ${example}, several with commas, or as kafka+ssl://… for TLS.`;
  }
  if (parseAddress(text) && !isBrokerAddress(text)) return undefined;
  return 'This is not an address that HTTP can reach.';
}

/** The host of an address, with its port. */
export function hostOf(address: string): string {
  const url = parseAddress(address)?.url ?? address;
  return parseBrokerAddress(url)?.brokers[0] ?? parsedUrl(url)?.host ?? url;
}
