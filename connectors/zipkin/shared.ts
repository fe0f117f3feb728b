import { hashHex } from '../../core/base';
import { isJsonObject } from '../../core/connect';

/** Zipkin leaves leading zeros out, and traces may have ids of 64 bits. */
export function traceIdOf(value: unknown): string {
  return idOf(value, 32);
}

/** As Zipkin spells it: ids of 64 bits without the zeros that make them 128. */
export const shortTraceId = (id: string): string => id.replace(/^0{16}(?=.{16}$)/, '');

export function spanIdOf(value: unknown): string {
  return idOf(value, 16);
}

function idOf(value: unknown, digits: number): string {
  if (typeof value !== 'string' || value.length > digits || !/^[0-9a-fA-F]+$/.test(value))
    return '';
  const id = value.toLowerCase().padStart(digits, '0');
  return /[^0]/.test(id) ? id : '';
}

export function serviceOf(endpoint: unknown): string {
  const name = isJsonObject(endpoint) ? endpoint['serviceName'] : undefined;
  return typeof name === 'string' ? name : '';
}

/** An id of its own made of the ids that a span has: the same in every reading. */
export function clientHalf(traceId: string, spanId: string): string {
  return hashHex(`${traceId} ${spanId} client`);
}

interface Halves {
  client?: string;
  server?: string;
}

/**
 * Which span ids are those of two spans: Zipkin lets a server report under the id of its client's span, and says
 * `shared` there. Here the server keeps the id, which its logs and its children name; the client's half gets an
 * id of its own and is the server's parent. Both halves must be known: one alone stays as it is.
 */
export class SharedIds {
  private readonly halves = new Map<string, Halves>();

  /** The spans of one trace, in the place of what was known before. */
  trace(spans: readonly unknown[]): void {
    this.halves.clear();
    for (const span of spans) this.note(span);
  }

  isShared(traceId: string, spanId: string): boolean {
    const halves = this.halves.get(traceId + spanId);
    return halves?.client !== undefined && halves.server !== undefined;
  }

  /** The id of the parent of a span that this service reported: the half that is its own. */
  parentOf(traceId: string, parentId: string, service: string): string {
    if (parentId === '' || !this.isShared(traceId, parentId)) return parentId;
    const { client, server } = this.halves.get(traceId + parentId) ?? {};
    return service === client && service !== server ? clientHalf(traceId, parentId) : parentId;
  }

  note(span: unknown): void {
    if (!isJsonObject(span)) return;
    const isServer = span['shared'] === true;
    if (!isServer && span['kind'] !== 'CLIENT') return;
    const key = traceIdOf(span['traceId']) + spanIdOf(span['id']);
    const halves = this.halves.get(key) ?? {};
    halves[isServer ? 'server' : 'client'] = serviceOf(span['localEndpoint']);
    this.halves.set(key, halves);
  }
}
