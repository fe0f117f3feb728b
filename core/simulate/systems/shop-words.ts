import { PLAIN_TEXTS } from '../log-texts';
import type { LogTexts, NoiseDef, SlowRelease } from '../system-types';

export const SHOP_SLOW_RELEASES: readonly SlowRelease[] = [
  {
    service: 'order',
    version: '4.13.0',
    op: 'create',
    statement: 'findDuplicate',
    author: 'tilda',
    commit: 'c41d09e',
    message: 'Detect duplicate orders by customer, not by cart',
  },
  {
    service: 'inventory',
    version: '2.31.0',
    op: 'check',
    statement: 'stock',
    author: 'ruben',
    commit: '5e80a1b',
    message: 'Count stock over all warehouses',
  },
  {
    service: 'review',
    version: '1.8.0',
    op: 'list',
    statement: 'reviews',
    author: 'ines',
    commit: 'e1129f4',
    message: 'Show the most helpful reviews first',
  },
];

const SEARCHES = ['kettle', 'red lamp', 'usb c cable', 'garden chair', 'mug', 'wool blanket'];

export const SHOP_TEXTS: LogTexts = {
  ...PLAIN_TEXTS,
  always: ['checkout.place', 'order.create'],
  good: {
    'checkout.place': (rng, id, took) =>
      `level=info msg="order placed" order=${id} items=${1 + rng.int(6)} total=${5 + rng.int(200)}.${10 + rng.int(90)} ms=${took}`,
    'order.create': (_, id, took) => `order ${id} created, state=NEW, took ${took} ms`,
    'identity.login': (rng, id) => `User u${id} signed in from 198.51.100.${rng.int(255)}`,
    'search.query': (rng, _, took) =>
      `query "${SEARCHES[rng.int(SEARCHES.length)]}" matched ${rng.int(900)} documents in ${took} ms`,
    'email.send': (_, id, took) => `sent mail order-confirmation to customer ${id} in ${took} ms`,
    'fulfilment.fulfil': (rng, id) =>
      `level=info msg="shipment booked" order=${id} warehouse=W${1 + rng.int(4)}`,
    'payment.charge': (rng, id, took) =>
      `charge ch_${id} authorised, amount=${5 + rng.int(200)}.00 EUR, took ${took} ms`,
  },
};

export const SHOP_NOISE: NoiseDef = {
  releases: [
    {
      service: 'recommendation',
      version: '0.42.0',
      message: 'Use the smaller embedding table',
    },
    { service: 'search', version: '2.14.1', message: 'Bump the analysis library' },
    { service: 'shipping', version: '1.22.1', message: 'Log the carrier of each quote' },
  ],
  scale: { service: 'review', title: 'Raise review memory request to 256Mi' },
  flag: { service: 'ads', name: 'new-ranking', share: 0.2 },
  config: { service: 'gateway', title: 'Gateway access log format', key: 'log_format' },
  report: { db: 'orders-db', statement: 'report', job: 'report-cron' },
  chatter: [
    {
      service: 'ads',
      everyMs: 21_000,
      severity: 'error',
      text: () =>
        'level=error msg="refresh of geo database failed" err="GET https://geo.example/latest.mmdb: 404 Not Found"',
    },
    {
      service: 'recommendation',
      everyMs: 34_000,
      severity: 'warn',
      text: (rng) => `model cache miss rate ${rng.int(20)} %`,
    },
    {
      service: 'search',
      everyMs: 15_000,
      severity: 'info',
      text: (rng) => `merged ${2 + rng.int(9)} segments in ${rng.int(900)} ms`,
    },
    {
      service: 'catalog',
      everyMs: 30_000,
      severity: 'info',
      text: (rng) => `HikariPool-1 - Pool stats (total=8, idle=${5 + rng.int(4)})`,
    },
    {
      service: 'identity',
      everyMs: 19_000,
      severity: 'warn',
      text: (rng) => `failed sign-in for u${rng.int(99_999)}: wrong password`,
    },
    {
      service: 'gateway',
      everyMs: 40_000,
      severity: 'warn',
      text: () => 'upstream keepalive connection closed by peer, reopened',
    },
    {
      service: 'storefront',
      everyMs: 55_000,
      severity: 'warn',
      text: () => '(node:1) DeprecationWarning: url.parse() is deprecated',
    },
  ],
  disk: { node: 'db-host-2', mountpoint: '/var/backup' },
  flapping: {
    service: 'ads',
    name: 'GeoDatabaseStale',
    summary: 'The geo database of ads is older than a week',
  },
  topology: {
    forgotten: [
      ['recommendation', 'catalog'],
      ['fulfilment', 'shipping'],
    ],
    gone: ['storefront', 'wishlist'],
  },
};
