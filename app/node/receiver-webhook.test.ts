import { afterEach, describe, expect, it } from 'vitest';
import { decoders } from '../../connectors';
import type { Mapping } from '../../core/connect';
import { tablesOf } from '../../core/connect/testing/import';
import type { Delivery } from '../../core/host';
import { deliveryDecoder, type DecodedDelivery } from '../../core/session';
import { startReceiver, type ReceiverOptions, type RunningReceiver } from './receiver';

const ORDERS: Mapping = {
  target: 'logs',
  fields: {
    time: { column: 'at' },
    body: { column: 'what' },
    severity: { column: 'level' },
    service: { column: 'by.service' },
  },
};
const decoder = deliveryDecoder(decoders, new Map([['orders', ORDERS]]));
const decode = (delivery: Delivery): DecodedDelivery => decoder.incoming(delivery).decode();

let running: RunningReceiver | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function start(
  options: Partial<ReceiverOptions> = {},
): Promise<{ deliveries: Delivery[]; http: string }> {
  const deliveries: Delivery[] = [];
  running = await startReceiver({
    http: '127.0.0.1:0',
    grpc: '127.0.0.1:0',
    webhooks: decoder.webhooks,
    onDelivery: async (delivery) => {
      const { dropped, why } = decode(delivery);
      deliveries.push(delivery);
      return { dropped, ...(why ? { why } : {}) };
    },
    ...options,
  });
  return { deliveries, http: `http://${running.http}` };
}

describe('Alertmanager webhook', () => {
  const alert = {
    status: 'firing',
    labels: { alertname: 'HighLatency', severity: 'page', service: 'cart' },
    annotations: { summary: 'slow' },
    startsAt: '2026-01-02T03:04:05.678Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: 'abc',
  };

  it('is taken over with its alerts', async () => {
    const { deliveries, http } = await start();
    const ended = { ...alert, status: 'resolved', endsAt: '2026-01-02T03:14:05Z' };
    const body = { version: '4', groupKey: '{}', truncatedAlerts: 0, alerts: [alert, ended, {}] };
    const response = await fetch(`${http}/webhook/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedRecords: '1' } });
    expect(deliveries[0]).toMatchObject({ protocol: 'webhook', name: 'alertmanager' });
    const { alerts, resources } = tablesOf(decode(deliveries[0]!).batches);
    expect(alerts).toMatchObject([
      { name: 'HighLatency', starts_at: 1767323045678000000n, ends_at: null, severity: 'page' },
      { fingerprint: 'abc', ends_at: 1767323645000000000n, annotations: { summary: 'slow' } },
    ]);
    expect(resources).toMatchObject([{ attributes: { service: 'cart' } }]);
  });

  it('is refused where it is none', async () => {
    const { http } = await start();
    const response = await fetch(`${http}/webhook/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"hello":1}',
    });
    expect(response.status).toBe(400);
  });
});

describe('a webhook with a mapping', () => {
  const post = (url: string, body: unknown, type = 'application/json') =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': type, authorization: 'Bearer hunter2-swordfish' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const order = (what: string, more: object = {}) => ({
    at: '2026-01-02T03:04:05Z',
    what,
    level: 'error',
    by: { service: 'shop' },
    ...more,
  });

  it('takes an object, a list and JSON lines, and nothing of headers and queries', async () => {
    const { deliveries, http } = await start();
    const url = `${http}/webhook/orders?token=hunter2-swordfish`;
    expect(await (await post(url, order('one'))).json()).toEqual({});
    expect((await post(url, [order('two'), order('three')])).status).toBe(200);
    const lines = `${JSON.stringify(order('four'))}\n${JSON.stringify(order('five'))}\n`;
    expect((await post(url, lines, 'application/x-ndjson; charset=utf-8')).status).toBe(200);
    expect((await post(url, order('six'), 'application/cloudevents+json')).status).toBe(200);
    const { logs, resources } = tablesOf(deliveries.flatMap((each) => [...decode(each).batches]));
    expect(logs?.map(({ body }) => body)).toEqual(['one', 'two', 'three', 'four', 'five', 'six']);
    expect(logs?.[0]).toMatchObject({ ts: 1767323045000000000n, severity: 17 });
    expect(resources?.[0]).toMatchObject({ attributes: { 'service.name': 'shop' } });
    expect(deliveries[0]).toMatchObject({ protocol: 'webhook', name: 'orders' });
    for (const { body, ...rest } of deliveries) {
      expect(JSON.stringify(rest) + new TextDecoder().decode(body)).not.toContain('hunter2');
    }
  });

  it('says how many records it dropped, and why', async () => {
    const { http } = await start();
    const bad = [order('one'), { what: 'no time' }, order('', {}), 7];
    const response = await post(`${http}/webhook/orders`, bad);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      partialSuccess: {
        rejectedRecords: '3',
        errorMessage: 'the record has no time; the record has no message; it is not a JSON object',
      },
    });
  });

  it('refuses what it can not read, each with its status', async () => {
    const { deliveries, http } = await start({ maxBytes: 10_000 });
    const url = `${http}/webhook/orders`;
    const unknown = await post(`${http}/webhook/payments?key=hunter2`, order('one'));
    expect(unknown.status).toBe(404);
    const { message } = (await unknown.json()) as { message: string };
    expect(message).toContain('--mapping payments=FILE');
    expect(message).toContain('/webhook/alertmanager, /webhook/grafana');
    expect(message).not.toContain('hunter2');
    expect((await post(`${http}/webhook/constructor`, order('one'))).status).toBe(404);
    expect((await fetch(url)).status).toBe(405);
    expect((await post(url, order('one'), 'text/plain')).status).toBe(415);
    expect((await post(url, '[{"at":1},\n{"at":2}\n')).status).toBe(400);
    expect((await post(url, '"text"')).status).toBe(400);
    expect((await post(url, '')).status).toBe(400);
    expect((await post(url, order('x'.repeat(20_000)))).status).toBe(413);
    expect(deliveries).toEqual([]);
  });
});

describe("webhooks of PagerDuty and Grafana, by their documentation's bodies", () => {
  const post = async (url: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  };

  it('are taken without a mapping', async () => {
    const { deliveries, http } = await start();
    const event = {
      id: '01',
      event_type: 'incident.triggered',
      resource_type: 'incident',
      occurred_at: '2026-01-02T03:04:06Z',
      data: {
        id: 'PGR0VU2',
        type: 'incident',
        title: 'A little bump in the road',
        status: 'triggered',
        created_at: '2026-01-02T03:04:05Z',
        service: { id: 'PF9KMXH', summary: 'API Service' },
        urgency: 'high',
      },
    };
    expect(await (await post(`${http}/webhook/pagerduty`, { event })).json()).toEqual({});
    const alert = {
      status: 'firing',
      labels: { alertname: 'High memory usage' },
      startsAt: '2026-01-02T03:04:05Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: 'b7d1',
      values: { B: 44.2 },
    };
    const grafana = { receiver: 'x', status: 'firing', alerts: [alert], groupKey: '{}' };
    expect(await (await post(`${http}/webhook/grafana`, grafana)).json()).toEqual({});
    const ping = { event: { event_type: 'pagey.ping', data: { message: 'Hello' } } };
    expect(await (await post(`${http}/webhook/pagerduty`, ping)).json()).toMatchObject({
      partialSuccess: { errorMessage: 'a "pagey.ping" event is about no incident' },
    });
    expect(tablesOf(deliveries.flatMap((each) => [...decode(each).batches])).alerts).toMatchObject([
      { fingerprint: 'PGR0VU2', name: 'A little bump in the road', severity: 'high' },
      { fingerprint: 'b7d1', annotations: { 'grafana.value.B': '44.2' } },
    ]);
  });
});
