import { CACHES, DATABASES, SLOW_VARIANTS, TOPICS } from './shop-stores';
import { all, call, cpu, db, read, verify, write } from './steps';
import { BUY, WORK } from './shop-buying';
import { SHOP_NOISE, SHOP_SLOW_RELEASES, SHOP_TEXTS } from './shop-words';
import type { ServiceDef, SystemDef } from '../system-types';

const EDGE: readonly ServiceDef[] = [
  {
    name: 'gateway',
    language: 'go',
    version: '1.29.1',
    transport: 'http',
    instances: 2,
    workers: 64,
    queue: 256,
    connections: 0,
    memory: { base: 96, limit: 512 },
    operations: {
      home: { name: 'GET /', steps: [cpu(0.6), call('storefront', 'home', 6000)] },
      product: {
        name: 'GET /products/{id}',
        steps: [cpu(0.6), call('storefront', 'product', 6000)],
      },
      search: { name: 'GET /search', steps: [cpu(0.6), call('storefront', 'search', 6000)] },
      addToCart: {
        name: 'POST /cart/items',
        steps: [cpu(0.6), call('storefront', 'addToCart', 6000)],
      },
      checkout: { name: 'POST /checkout', steps: [cpu(0.6), call('storefront', 'checkout', 8000)] },
      login: { name: 'POST /login', steps: [cpu(0.6), call('identity', 'login', 3000, 1)] },
      orders: { name: 'GET /orders', steps: [cpu(0.6), call('storefront', 'orders', 6000, 1)] },
    },
  },
  {
    name: 'storefront',
    language: 'nodejs',
    version: '7.18.2',
    transport: 'http',
    instances: 3,
    workers: 24,
    queue: 100,
    connections: 0,
    memory: { base: 310, limit: 1024 },
    operations: {
      home: {
        name: 'GET /',
        steps: [
          cpu(3),
          all(
            call('catalog', 'featured', 1500, 1),
            call('recommendation', 'get', 400, 0, { optional: true }),
            call('ads', 'get', 250, 0, { optional: true }),
          ),
          { do: 'span', name: 'render home', steps: [cpu(6)] },
        ],
      },
      product: {
        name: 'GET /products/{id}',
        steps: [
          cpu(2),
          all(
            call('catalog', 'product', 1500, 1),
            call('pricing', 'quote', 1000, 2),
            call('review', 'list', 600, 0, { optional: true }),
            call('recommendation', 'get', 400, 0, { optional: true, chance: 0.5 }),
          ),
          { do: 'span', name: 'render product', steps: [cpu(5)] },
        ],
      },
      search: {
        name: 'GET /search',
        steps: [cpu(2), call('search', 'query', 2000, 1), call('pricing', 'quoteMany', 1500, 1)],
      },
      addToCart: {
        name: 'POST /cart/items',
        steps: [cpu(2), verify, call('cart', 'add', 1500, 1)],
      },
      checkout: {
        name: 'POST /checkout',
        steps: [cpu(3), verify, call('checkout', 'place', 6000, 0)],
      },
      orders: { name: 'GET /orders', steps: [cpu(3), verify, call('order', 'history', 2000, 1)] },
    },
  },
];

const BROWSE: readonly ServiceDef[] = [
  {
    name: 'catalog',
    language: 'java',
    version: '3.9.0',
    transport: 'grpc',
    instances: 2,
    workers: 16,
    queue: 64,
    connections: 8,
    memory: { base: 720, limit: 1536 },
    operations: {
      featured: {
        name: 'shop.Catalog/ListFeatured',
        steps: [cpu(1.5), read('GET', 0.97, db('catalog-db', 'featured'), write('SETEX'))],
      },
      product: {
        name: 'shop.Catalog/GetProduct',
        steps: [cpu(1.2), read('GET', 0.88, db('catalog-db', 'product'), write('SETEX'))],
      },
      products: {
        name: 'shop.Catalog/GetProducts',
        steps: [cpu(2.5), read('MGET', 0.75, db('catalog-db', 'products'), write('SETEX'))],
      },
    },
  },
  {
    name: 'pricing',
    language: 'java',
    version: '5.2.4',
    transport: 'grpc',
    instances: 3,
    workers: 12,
    queue: 48,
    connections: 4,
    memory: { base: 560, limit: 1280 },
    operations: {
      quote: {
        name: 'shop.Pricing/Quote',
        steps: [{ do: 'span', name: 'evaluate rules', steps: [cpu(4)] }],
      },
      quoteMany: {
        name: 'shop.Pricing/QuoteMany',
        steps: [
          db('catalog-db', 'discounts', 0.1),
          { do: 'span', name: 'evaluate rules', steps: [cpu(9)] },
        ],
      },
    },
  },
  {
    name: 'search',
    language: 'java',
    version: '2.14.0',
    transport: 'grpc',
    instances: 2,
    workers: 12,
    queue: 48,
    connections: 0,
    memory: { base: 1100, limit: 2048 },
    operations: {
      query: {
        name: 'shop.Search/Query',
        steps: [
          { do: 'span', name: 'score candidates', steps: [cpu(16)] },
          call('catalog', 'products', 1000, 1),
        ],
      },
    },
  },
  {
    name: 'recommendation',
    language: 'python',
    version: '0.41.3',
    transport: 'http',
    instances: 2,
    workers: 8,
    queue: 32,
    connections: 2,
    memory: { base: 640, limit: 1536 },
    job: 'recommendation-svc',
    operations: {
      get: {
        name: 'GET /v1/recommendations',
        steps: [cpu(9), read('GET', 0.8, call('catalog', 'products', 500, 0))],
      },
    },
  },
  {
    name: 'review',
    language: 'python',
    version: '1.7.9',
    transport: 'http',
    instances: 2,
    workers: 8,
    queue: 32,
    connections: 4,
    memory: { base: 210, limit: 768 },
    operations: {
      list: { name: 'GET /v1/reviews', steps: [cpu(3), db('catalog-db', 'reviews')] },
    },
  },
  {
    name: 'ads',
    language: 'go',
    version: '0.88.0',
    transport: 'grpc',
    instances: 1,
    workers: 16,
    queue: 64,
    connections: 0,
    memory: { base: 80, limit: 256 },
    operations: { get: { name: 'shop.Ads/GetAds', steps: [cpu(2)] } },
  },
];

/** A web shop of 17 services, two databases, a cache, a broker and five worker hosts. */
export const SHOP: SystemDef = {
  id: 'shop',
  title: 'A web shop of 17 services on Kubernetes',
  namespace: 'shop',
  entry: 'gateway',
  front: 'storefront',
  services: [...EDGE, ...BROWSE, ...BUY, ...WORK],
  databases: DATABASES,
  caches: CACHES,
  topics: TOPICS,
  hosts: { count: 5, cores: 2, name: 'worker-' },
  traffic: [
    { op: 'home', weight: 22 },
    { op: 'product', weight: 33 },
    { op: 'search', weight: 17 },
    { op: 'addToCart', weight: 10 },
    { op: 'checkout', weight: 8 },
    { op: 'login', weight: 4 },
    { op: 'orders', weight: 6 },
  ],
  telemetry: {
    perSecond: 20,
    sampling: 0.11,
    stepMs: 15_000,
    hasLogs: true,
    resource: 'kubernetes',
    metrics: 'prometheus',
    recorded: {
      rate: 'service:requests:rate_1m',
      errors: 'service:request_errors:ratio_1m',
      latency: 'service:request_duration_seconds:p99_1m',
    },
    alerts: { errors: 'ServiceErrorRatioHigh', latency: 'ServiceLatencyHigh' },
    latencyLimit: 1,
  },
  noise: SHOP_NOISE,
  texts: SHOP_TEXTS,
  slowVariants: SLOW_VARIANTS,
  slowReleases: SHOP_SLOW_RELEASES,
};
