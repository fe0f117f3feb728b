import { describe, expect, it } from 'vitest';
import { parseEntityId } from '../model';
import { membershipsOf, podOwner, proposeMerges } from './who';

const ids = (attributes: Readonly<Record<string, string>>): readonly string[] =>
  membershipsOf(attributes).map(({ entity }) => entity.id);

describe('who a resource is', () => {
  it('one row belongs to a service, an instance and a host at once', () => {
    const resource = {
      'service.name': 'cart',
      'k8s.pod.name': 'cart-5d9f7c6b8-x2x7z',
      'k8s.node.name': 'n1',
    };
    expect(ids(resource)).toEqual([
      'service:cart',
      'service_instance:cart-5d9f7c6b8-x2x7z',
      'host:n1',
    ]);
  });

  it('takes the job of Prometheus for a service, but not that of a machine', () => {
    expect(ids({ job: 'checkout', instance: '10.0.0.1:9090' })).toEqual(['service:checkout']);
    expect(ids({ job: 'node-exporter', nodename: 'n1' })).toEqual(['host:n1']);
  });

  it('finds the owner of a pod by its name where nothing else is said', () => {
    expect(podOwner('ts-food-service-7f9b8c6d5-abc12')).toBe('ts-food-service');
    expect(podOwner('redis-0')).toBe('redis');
    expect(ids({ pod: 'redis-0' })).toEqual(['service:redis', 'service_instance:redis-0']);
  });
});

describe('merges that are proposed', () => {
  const proposals = (
    names: readonly string[],
    speaking: readonly string[] = [],
  ): readonly string[] =>
    proposeMerges(names.map(parseEntityId), (id) => speaking.includes(id)).map(
      ({ from, into, certain }) => `${from.id} → ${into.id}${certain ? '' : ' ?'}`,
    );

  it('ties names that differ in prefix, suffix or separators, and asks', () => {
    const names = ['service:shop/cart-service', 'service:cart', 'service:pay'];
    expect(proposals(names, ['service:cart'])).toEqual([
      'service:shop/cart-service → service:cart ?',
    ]);
  });

  it('takes equal names of a more telling kind for one thing, unless both speak', () => {
    expect(proposals(['service:orders-db', 'database:orders-db'])).toEqual([
      'service:orders-db → database:orders-db',
    ]);
    expect(proposals(['service:orders-db', 'database:orders-db'], ['service:orders-db'])).toEqual([
      'database:orders-db → service:orders-db',
    ]);
  });

  it('ties what stands outside by its equal name alone', () => {
    expect(proposals(['service:mail.example', 'external:mail.example'])).toEqual([
      'service:mail.example → external:mail.example',
    ]);
    expect(proposals(['service:mail', 'external:mail-service'])).toEqual([]);
    expect(proposals(['host:mail', 'service:mail'])).toEqual([]);
  });
});
