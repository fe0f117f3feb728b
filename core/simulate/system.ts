import { CACHES, DATABASES, TOPICS } from './system-stores';
import type { CallStep, ServiceDef, Step, SystemDef } from './system-types';

const cpu = (ms: number): Step => ({ do: 'cpu', ms });
const all = (...steps: Step[]): Step => ({ do: 'parallel', steps });
const db = (name: string, statement: string, chance?: number): Step => ({
  do: 'db',
  db: name,
  statement,
  chance,
});
const call = (
  service: string,
  op: string,
  timeout: number,
  retries = 0,
  more: Partial<CallStep> = {},
): Step => ({ do: 'call', service, op, timeout, retries, ...more });
const read = (verb: string, hit: number, ...miss: Step[]): Step => ({
  do: 'cache',
  cache: 'session-cache',
  verb,
  hit,
  miss,
  fallback: true,
});
const write = (verb: string): Step => ({ do: 'cache', cache: 'session-cache', verb });
const verify = call('identity', 'verify', 800, 1);

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

const BUY: readonly ServiceDef[] = [
  {
    name: 'cart',
    language: 'dotnet',
    version: '4.0.6',
    transport: 'grpc',
    instances: 2,
    workers: 16,
    queue: 64,
    connections: 0,
    memory: { base: 180, limit: 512 },
    operations: {
      add: {
        name: 'shop.Cart/AddItem',
        steps: [cpu(1.5), call('inventory', 'check', 800, 1), write('HSET')],
      },
      get: { name: 'shop.Cart/GetCart', steps: [cpu(1), write('HGETALL')] },
      clear: { name: 'shop.Cart/EmptyCart', steps: [cpu(0.8), write('DEL')] },
    },
  },
  {
    name: 'checkout',
    language: 'go',
    version: '6.3.1',
    transport: 'http',
    instances: 2,
    workers: 16,
    queue: 48,
    connections: 0,
    memory: { base: 90, limit: 512 },
    job: 'checkout-service',
    operations: {
      place: {
        name: 'POST /v2/checkout',
        steps: [
          cpu(2),
          call('cart', 'get', 1000, 1),
          all(
            call('inventory', 'reserve', 1500, 1),
            call('shipping', 'quote', 1000, 1),
            call('pricing', 'quoteMany', 1000, 1),
          ),
          call('payment', 'charge', 3000, 0),
          call('order', 'create', 1500, 2),
          call('cart', 'clear', 800, 0, { optional: true }),
        ],
      },
    },
  },
  {
    name: 'payment',
    language: 'java',
    version: '8.1.0',
    transport: 'http',
    instances: 2,
    workers: 12,
    queue: 32,
    connections: 4,
    memory: { base: 480, limit: 1024 },
    operations: {
      charge: {
        name: 'POST /charges',
        steps: [
          cpu(2),
          db('orders-db', 'insertPayment'),
          {
            do: 'external',
            host: 'api.paywell.example',
            route: '/v3/charges',
            ms: 110,
            timeout: 2000,
            retries: 1,
          },
          db('orders-db', 'updatePayment'),
        ],
      },
    },
  },
  {
    name: 'order',
    language: 'java',
    version: '4.12.0',
    transport: 'http',
    instances: 3,
    workers: 12,
    queue: 32,
    connections: 5,
    memory: { base: 610, limit: 1280 },
    operations: {
      create: {
        name: 'POST /orders',
        steps: [
          cpu(2),
          db('orders-db', 'findDuplicate'),
          db('orders-db', 'insertOrder'),
          { do: 'publish', topic: 'order-placed' },
        ],
      },
      history: {
        name: 'GET /orders',
        steps: [cpu(2), db('orders-db', 'listOrders'), cpu(1)],
      },
    },
  },
  {
    name: 'inventory',
    language: 'go',
    version: '2.30.5',
    transport: 'grpc',
    instances: 2,
    workers: 16,
    queue: 64,
    connections: 6,
    memory: { base: 70, limit: 384 },
    operations: {
      check: { name: 'shop.Inventory/Check', steps: [cpu(0.8), db('catalog-db', 'stock')] },
      reserve: { name: 'shop.Inventory/Reserve', steps: [cpu(1), db('catalog-db', 'reserve')] },
      commit: { name: 'shop.Inventory/Commit', steps: [cpu(1), db('catalog-db', 'commit')] },
    },
  },
  {
    name: 'shipping',
    language: 'nodejs',
    version: '1.22.0',
    transport: 'http',
    instances: 1,
    workers: 16,
    queue: 48,
    connections: 0,
    memory: { base: 120, limit: 384 },
    operations: {
      quote: {
        name: 'POST /quotes',
        steps: [
          cpu(2),
          {
            do: 'external',
            host: 'rates.parcelway.example',
            route: '/rates',
            ms: 35,
            timeout: 800,
            retries: 0,
            chance: 0.3,
          },
        ],
      },
      book: { name: 'POST /shipments', steps: [cpu(3)] },
    },
  },
  {
    name: 'identity',
    language: 'dotnet',
    version: '9.4.2',
    transport: 'http',
    instances: 2,
    workers: 24,
    queue: 64,
    connections: 5,
    memory: { base: 260, limit: 768 },
    operations: {
      verify: {
        name: 'POST /sessions/verify',
        steps: [cpu(1.2), read('GET', 0.96, db('orders-db', 'session'), write('SETEX'))],
      },
      login: {
        name: 'POST /login',
        steps: [
          cpu(1),
          db('orders-db', 'user'),
          { do: 'span', name: 'verify password hash', steps: [cpu(38)] },
          write('SETEX'),
        ],
      },
    },
  },
];

const WORK: readonly ServiceDef[] = [
  {
    name: 'email',
    language: 'python',
    version: '1.3.3',
    transport: 'http',
    instances: 1,
    workers: 6,
    queue: Number.POSITIVE_INFINITY,
    connections: 0,
    memory: { base: 140, limit: 384 },
    consumes: { topic: 'order-placed', op: 'send', newTrace: true },
    operations: {
      send: {
        name: 'process order-placed',
        steps: [
          cpu(6),
          {
            do: 'external',
            host: 'smtp.mailroom.example',
            route: '/send',
            ms: 60,
            timeout: 5000,
            retries: 2,
          },
        ],
      },
    },
  },
  {
    name: 'fulfilment',
    language: 'go',
    version: '3.1.8',
    transport: 'http',
    instances: 2,
    workers: 6,
    queue: Number.POSITIVE_INFINITY,
    connections: 3,
    memory: { base: 85, limit: 384 },
    consumes: { topic: 'order-placed', op: 'fulfil' },
    operations: {
      fulfil: {
        name: 'process order-placed',
        steps: [
          cpu(2),
          db('orders-db', 'updateOrder'),
          call('inventory', 'commit', 1500, 2),
          call('shipping', 'book', 1500, 2),
        ],
      },
    },
  },
];

/** A web shop of 17 services, two databases, a cache, a broker and five worker hosts. */
export const SHOP: SystemDef = {
  namespace: 'shop',
  entry: 'gateway',
  services: [...EDGE, ...BROWSE, ...BUY, ...WORK],
  databases: DATABASES,
  caches: CACHES,
  topics: TOPICS,
  hosts: { count: 5, cores: 2 },
  traffic: [
    { op: 'home', weight: 22 },
    { op: 'product', weight: 33 },
    { op: 'search', weight: 17 },
    { op: 'addToCart', weight: 10 },
    { op: 'checkout', weight: 8 },
    { op: 'login', weight: 4 },
    { op: 'orders', weight: 6 },
  ],
};
