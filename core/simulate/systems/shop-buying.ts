import { all, call, cpu, db, read, write } from './steps';
import type { ServiceDef } from '../system-types';

/** What buying takes. */
export const BUY: readonly ServiceDef[] = [
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

/** What goes on after an order was placed. */
export const WORK: readonly ServiceDef[] = [
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
