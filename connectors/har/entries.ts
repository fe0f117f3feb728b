import { hashHex } from '../../core/base';
import {
  asObject,
  Redactor,
  isJsonObject,
  type JsonObject,
  type RowSink,
  type TimeReader,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { cleanHeader, cleanUrl } from './secrets';

/** The phases of a request in their order (HAR 1.2, timings); `ssl` is a part of `connect`. */
const PHASES = ['blocked', 'dns', 'connect', 'ssl', 'send', 'wait', 'receive'] as const;

export interface Origin {
  /** The browser, else what wrote the file. */
  readonly resource: Attributes;
  readonly pages: ReadonlyMap<string, JsonObject>;
  /** Makes ids of this file its own. */
  readonly seed: string;
}

interface OpenPage {
  readonly traceId: string;
  readonly spanId: string;
  start: bigint;
  end: bigint;
}

/** Entries as client spans, each page their parent: one page, one trace. */
export class HarRows {
  readonly redactor: Redactor;
  private readonly open = new Map<string, OpenPage>();
  private count = 0;

  constructor(
    private readonly sink: RowSink,
    private readonly times: TimeReader,
    private readonly origin: Origin,
  ) {
    this.redactor = new Redactor(sink.notices);
  }

  /** An entry; why it can't be a span, or ''. */
  entry(entry: unknown): string {
    if (!isJsonObject(entry)) return 'the entry is not an object';
    const { request, response } = entry;
    if (!isJsonObject(request)) return 'the entry has no request';
    const start = this.times.read(entry['startedDateTime']);
    if (start === undefined) return 'the entry has no start';
    const time = entry['time'];
    if (typeof time !== 'number' || !(time >= 0)) return 'the entry has no time that it took';
    const duration = nsOf(time);
    const answer = asObject(response);
    const { traceId, parent, spanId } = this.place(entry, start, start + duration);
    const status = numberOf(answer['status']) ?? 0;
    const failure = failureOf(answer, status);
    this.sink.span({
      traceId,
      spanId,
      parentSpanId: parent,
      name: textOf(request['method']) || 'HTTP',
      kind: 3,
      start,
      duration,
      status: failure === '' ? 0 : 2,
      statusMessage: status > 0 ? '' : this.redactor.text(failure),
      resource: this.origin.resource,
      attributes: this.attributes(entry, request, answer, failure),
      links: linksOf(request['headers']),
    });
    this.leftOut(request, answer);
    return '';
  }

  /** Pages that have entries, once these are known. A page without any, too. */
  pages(): void {
    for (const [id, page] of this.origin.pages) {
      const start = this.times.read(page['startedDateTime']);
      const open = this.open.get(id);
      if (start === undefined && !open) {
        this.sink.drop('spans', `page ${id}`, '(a page)', 'the page has no start and no entries');
        continue;
      }
      this.page(id, page, start, open);
    }
  }

  private page(
    id: string,
    page: JsonObject,
    stated: bigint | undefined,
    open: OpenPage | undefined,
  ): void {
    const { pageTimings } = page;
    const timings = asObject(pageTimings);
    const start = stated ?? open?.start ?? 0n;
    const marks = (['onContentLoad', 'onLoad'] as const).flatMap((name) => {
      const ms = numberOf(timings[name]);
      return ms !== undefined && ms >= 0 ? [{ name, ts: start + nsOf(ms) }] : [];
    });
    const ends = [open?.end ?? start, ...marks.map(({ ts }) => ts)];
    const end = ends.reduce((a, b) => (a > b ? a : b));
    const title = cleanUrl(textOf(page['title']), this.redactor);
    this.sink.span({
      traceId: this.traceId(id),
      spanId: this.pageSpan(id),
      name: title || 'page',
      kind: 1,
      start,
      duration: end > start ? end - start : 0n,
      resource: this.origin.resource,
      attributes: { 'har.page.id': id },
      events: marks,
    });
  }

  private place(entry: JsonObject, start: bigint, end: bigint) {
    const spanId = hashHex(`${this.origin.seed} entry ${this.count++}`);
    const page = textOf(entry['pageref']);
    if (page === '') return { traceId: this.traceId(`entry ${spanId}`), parent: '', spanId };
    if (!this.origin.pages.has(page)) return { traceId: this.traceId(page), parent: '', spanId };
    const open = this.open.get(page);
    if (!open) {
      const ids = { traceId: this.traceId(page), spanId: this.pageSpan(page) };
      this.open.set(page, { ...ids, start, end });
    } else {
      if (start < open.start) open.start = start;
      if (end > open.end) open.end = end;
    }
    return { traceId: this.traceId(page), parent: this.pageSpan(page), spanId };
  }

  private traceId(page: string): string {
    return hashHex(`${this.origin.seed} trace ${page}`) + hashHex(`${page} ${this.origin.seed}`);
  }

  private pageSpan(page: string): string {
    return hashHex(`${this.origin.seed} page ${page}`);
  }

  private attributes(
    entry: JsonObject,
    request: JsonObject,
    answer: JsonObject,
    failure: string,
  ): Attributes {
    const url = textOf(request['url']);
    const status = numberOf(answer['status']) ?? 0;
    const out: Record<string, string> = { 'url.full': cleanUrl(url, this.redactor) };
    put(out, 'http.request.method', textOf(request['method']));
    if (status > 0) out['http.response.status_code'] = String(status);
    Object.assign(
      out,
      serverOf(url),
      protocolOf(textOf(answer['httpVersion']) || textOf(request['httpVersion'])),
    );
    put(out, 'network.peer.address', textOf(entry['serverIPAddress']).replace(/^\[|\]$/g, ''));
    put(out, 'network.peer.port', portText(entry['_serverPort']));
    put(out, 'http.request.body.size', sizeText(request['bodySize']));
    put(out, 'http.response.body.size', sizeText(answer['bodySize']));
    put(out, 'har.resource_type', textOf(entry['_resourceType']));
    if (failure !== '') out['error.type'] = status >= 400 ? String(status) : 'request_failed';
    const { timings } = entry;
    if (isJsonObject(timings)) {
      for (const phase of PHASES) {
        const ms = numberOf(timings[phase]);
        if (ms !== undefined && ms >= 0) out[`har.timings.${phase}`] = String(ms);
      }
    }
    this.headers(out, 'http.request.header', request['headers']);
    this.headers(out, 'http.response.header', answer['headers']);
    return out;
  }

  /** Headers as the semantic conventions have them: names in lower case, several of one name together. */
  private headers(out: Record<string, string>, prefix: string, headers: unknown): void {
    if (!Array.isArray(headers)) return;
    for (const header of headers.filter(isJsonObject)) {
      const name = textOf(header['name']).toLowerCase();
      if (name === '' || name.startsWith(':')) continue;
      const value = cleanHeader(name, textOf(header['value']), this.redactor);
      const key = `${prefix}.${name}`;
      out[key] = out[key] === undefined ? value : `${out[key]}, ${value}`;
    }
  }

  /** Bodies and cookies of a record are no part of a span; that they were there is said. */
  private leftOut(request: JsonObject, answer: JsonObject): void {
    const { content } = answer;
    const sent = isJsonObject(request['postData']);
    const got = isJsonObject(content) && textOf(content['text']) !== '';
    const bodies = Number(sent) + Number(got);
    if (bodies > 0) {
      this.sink.notices.add(
        'bodies-left-out',
        'info',
        (n) =>
          `${n} bodies of requests (posted data) and responses were left out; their sizes are kept.`,
        bodies,
      );
    }
    const cookies = listLength(request['cookies']) + listLength(answer['cookies']);
    if (cookies === 0) return;
    this.sink.notices.add(
      'cookies-left-out',
      'info',
      (n) => `${n} cookies were left out.`,
      cookies,
    );
  }
}

function failureOf(answer: JsonObject, status: number): string {
  if (status >= 400) return `HTTP ${status}`;
  if (status > 0) return '';
  return textOf(answer['_failureText']) || textOf(answer['_error']) || 'there was no response';
}

/** The span whose context a request carried on (W3C traceparent, B3): what the server says of it is found there. */
function linksOf(headers: unknown) {
  if (!Array.isArray(headers)) return [];
  const values = new Map(
    headers
      .filter(isJsonObject)
      .map((header) => [textOf(header['name']).toLowerCase(), textOf(header['value'])] as const),
  );
  const w3c = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(values.get('traceparent') ?? '');
  const b3 = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})/.exec(values.get('b3') ?? '');
  const [, trace = '', span = ''] = w3c ?? b3 ?? [];
  const traceId = (trace || (values.get('x-b3-traceid') ?? '')).padStart(32, '0');
  const spanId = span || (values.get('x-b3-spanid') ?? '');
  const valid =
    /^[0-9a-f]{32}$/.test(traceId) && /[1-9a-f]/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId);
  return valid ? [{ traceId, spanId, attributes: { 'link.reason': 'request header' } }] : [];
}

function serverOf(url: string): Attributes {
  const m = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?/i.exec(url);
  if (!m) return {};
  const scheme = (m[1] ?? '').toLowerCase();
  const port =
    m[3] ??
    (scheme === 'https' || scheme === 'wss'
      ? '443'
      : scheme === 'http' || scheme === 'ws'
        ? '80'
        : '');
  const out: Record<string, string> = {};
  put(out, 'server.address', (m[2] ?? '').replace(/^\[|\]$/g, ''));
  put(out, 'server.port', port);
  put(out, 'url.scheme', scheme);
  return out;
}

/** `HTTP/1.1`, `h2`, `http/2.0`, `h3`. */
function protocolOf(version: string): Attributes {
  const m = /^(?:http\/|h)([\d.]+)/i.exec(version);
  if (!m) return {};
  const number = (m[1] ?? '').replace(/^([23])\.0$/, '$1');
  return { 'network.protocol.name': 'http', 'network.protocol.version': number };
}

function put(out: Record<string, string>, key: string, value: string): void {
  if (value !== '') out[key] = value;
}

function nsOf(ms: number): bigint {
  return BigInt(Math.round(Math.min(ms, 1e12) * 1e6));
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A size; -1 where it is not known. */
function sizeText(value: unknown): string {
  const size = numberOf(value);
  return size !== undefined && size >= 0 ? String(size) : '';
}

function portText(value: unknown): string {
  const port = numberOf(value);
  return port !== undefined && port > 0 ? String(port) : '';
}

function listLength(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
