import { describe, expect, it } from 'vitest';
import { isOpenToNetwork, senderSettings } from './settings';

describe('settings for senders', () => {
  it('name the bound addresses', () => {
    const texts = senderSettings({ http: '127.0.0.1:4318', grpc: '127.0.0.1:4317' });
    expect(texts[0]?.text).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\n');
    expect(texts[1]?.text).toContain('http://127.0.0.1:4317\nOTEL_EXPORTER_OTLP_PROTOCOL=grpc');
    expect(texts[4]?.text).toContain('http://127.0.0.1:4318/webhook/pagerduty');
    expect(texts[3]?.text).toContain('http://127.0.0.1:4318/webhook/alertmanager');
  });

  it('name an address that can be dialled where everything is listened on', () => {
    const [first] = senderSettings({ http: '0.0.0.0:4318', grpc: '[::]:4317' });
    expect(first?.text).toContain('http://127.0.0.1:4318');
  });
});

it('tells addresses of this machine from open ones', () => {
  for (const own of ['127.0.0.1:4318', '4318', 'localhost:1', '[::1]:4317', '127.8.0.1:2']) {
    expect(isOpenToNetwork(own)).toBe(false);
  }
  for (const open of ['0.0.0.0:4318', '[::]:4317', '10.0.0.7:1', 'box.example:4318']) {
    expect(isOpenToNetwork(open)).toBe(true);
  }
});
