import type { ServiceDef } from '../system-types';
import { BEHIND, WRITING } from './feed-writing';
import {
  all,
  cached,
  call,
  cpu,
  db,
  maybe,
  operation,
  outside,
  put,
  service,
  within,
} from './steps';

const EDGE: readonly ServiceDef[] = [
  service({
    name: 'Ingress',
    language: 'rust',
    version: '1.4.0',
    instances: 2,
    workers: 96,
    queue: 400,
    operations: {
      timeline: operation('GET /timeline', cpu(0.3), call('Bff', 'timeline', 5000, 1)),
      profile: operation('GET /u/{id}', cpu(0.3), call('Bff', 'profile', 5000, 1)),
      post: operation('POST /posts', cpu(0.4), call('Bff', 'post', 6000)),
      search: operation('GET /find', cpu(0.3), call('Bff', 'search', 5000, 1)),
      inbox: operation('GET /inbox', cpu(0.3), call('Bff', 'inbox', 5000, 1)),
    },
  }),
  service({
    name: 'Bff',
    language: 'nodejs',
    version: '412.0.0',
    instances: 4,
    workers: 32,
    queue: 128,
    memory: { base: 340, limit: 1024 },
    operations: {
      timeline: operation(
        'GET /bff/timeline',
        cpu(2),
        call('Sessions', 'check', 800, 1),
        all(
          call('TimelineMixer', 'mix', 2500, 1),
          maybe('Trends', 'top'),
          maybe('AdMixer', 'pick'),
          maybe('Presence', 'friends', 0.6),
          maybe('Experiments', 'arms'),
          maybe('Counters', 'unread'),
        ),
        within('assemble timeline', cpu(4)),
      ),
      profile: operation(
        'GET /bff/profile',
        cpu(2),
        call('Sessions', 'check', 800, 1),
        all(
          call('Users', 'byId', 1200, 1),
          call('Posts', 'ofUser', 1500, 1),
          maybe('UserGraph', 'counts'),
          maybe('Badges', 'of', 0.7),
          maybe('Presence', 'one'),
        ),
      ),
      post: operation(
        'POST /bff/posts',
        cpu(3),
        call('Sessions', 'check', 800, 1),
        all(call('Moderation', 'screen', 2500, 1), call('Media', 'resolve', 2000, 1)),
        call('Posts', 'create', 2000, 1),
      ),
      search: operation(
        'GET /bff/find',
        cpu(2),
        call('Query', 'run', 2500, 1),
        maybe('Spelling', 'suggest', 0.5),
      ),
      inbox: operation(
        'GET /bff/inbox',
        cpu(2),
        call('Sessions', 'check', 800, 1),
        all(call('Notes', 'list', 1500, 1), call('Chat', 'threads', 1500, 1)),
      ),
    },
  }),
];

const READING: readonly ServiceDef[] = [
  service({
    name: 'TimelineMixer',
    language: 'java',
    version: '88.1.0',
    instances: 3,
    memory: { base: 900, limit: 1900 },
    operations: {
      mix: operation(
        'feed.Mixer/Mix',
        cpu(3),
        all(
          call('UserGraph', 'follows', 900, 1),
          cached('cache-timeline', 0.8, call('Posts', 'recent', 1200, 1), put('cache-timeline')),
          maybe('Interests', 'of'),
        ),
        call('Ranker', 'rank', 1500, 1),
        all(call('Media', 'resolve', 900, 1), call('Users', 'many', 900, 1)),
      ),
    },
    transport: 'grpc',
  }),
  service({
    name: 'Ranker',
    language: 'python',
    version: '2026.11.2',
    instances: 3,
    workers: 10,
    transport: 'grpc',
    memory: { base: 1100, limit: 2200 },
    operations: {
      rank: operation(
        'feed.Ranker/Rank',
        maybe('Features', 'fetch'),
        within('forward pass', cpu(18)),
      ),
    },
  }),
  service({
    name: 'Features',
    language: 'go',
    version: '3.3.3',
    instances: 2,
    transport: 'grpc',
    operations: {
      fetch: operation('feed.Features/Fetch', cpu(1), cached('cache-hot', 0.95, cpu(4))),
    },
  }),
  service({
    name: 'Interests',
    language: 'python',
    version: '0.9.0',
    instances: 2,
    workers: 8,
    connections: 3,
    operations: { of: operation('GET /interests', cpu(2), db('social', 'interestsOfUser')) },
  }),
  service({
    name: 'UserGraph',
    language: 'erlang',
    version: '27.0.4',
    instances: 3,
    workers: 64,
    connections: 6,
    transport: 'grpc',
    operations: {
      follows: operation(
        'feed.Graph/Follows',
        cpu(1),
        cached('cache-hot', 0.85, db('social', 'follows')),
      ),
      counts: operation('feed.Graph/Counts', cpu(0.8), db('social', 'followCounts')),
    },
  }),
  service({
    name: 'Users',
    language: 'java',
    version: '31.7.0',
    instances: 3,
    connections: 6,
    transport: 'grpc',
    memory: { base: 620, limit: 1300 },
    operations: {
      byId: operation(
        'feed.Users/ById',
        cpu(1),
        cached('cache-hot', 0.9, db('social', 'userById')),
      ),
      many: operation(
        'feed.Users/Many',
        cpu(1.5),
        cached('cache-hot', 0.8, db('social', 'usersByIds')),
      ),
    },
  }),
  service({
    name: 'Sessions',
    language: 'rust',
    version: '5.5.1',
    instances: 2,
    workers: 64,
    connections: 4,
    transport: 'grpc',
    memory: { base: 48, limit: 200 },
    operations: {
      check: operation(
        'feed.Sessions/Check',
        cpu(0.5),
        cached('cache-hot', 0.93, db('social', 'sessionById')),
      ),
    },
  }),
  service({
    name: 'Trends',
    language: 'go',
    version: '1.12.0',
    instances: 2,
    operations: { top: operation('GET /trends', cpu(1.5), cached('cache-hot', 0.97, cpu(12))) },
  }),
  service({
    name: 'AdMixer',
    language: 'go',
    version: '6.0.2',
    instances: 2,
    operations: {
      pick: operation(
        'POST /ads/pick',
        cpu(2),
        outside('bid.adpool.example', '/bid', 45, 200, 0, 0.5),
      ),
    },
  }),
  service({
    name: 'Presence',
    language: 'erlang',
    version: '26.1.0',
    instances: 2,
    workers: 128,
    operations: {
      friends: operation('GET /presence/friends', cpu(0.7), cached('cache-hot', 0.99)),
      one: operation('GET /presence/{id}', cpu(0.4), cached('cache-hot', 0.99)),
    },
  }),
  service({
    name: 'Experiments',
    language: 'go',
    version: '0.14.1',
    instances: 1,
    operations: { arms: operation('GET /arms', cpu(0.4)) },
  }),
  service({
    name: 'Counters',
    language: 'rust',
    version: '2.2.0',
    instances: 2,
    operations: { unread: operation('GET /counters', cpu(0.3), cached('cache-hot', 0.98)) },
  }),
  service({
    name: 'Badges',
    language: 'ruby',
    version: '17',
    instances: 1,
    workers: 6,
    connections: 3,
    operations: { of: operation('GET /badges', cpu(3), db('social', 'badgesOfUser')) },
  }),
];

export const FEED_SERVICES: readonly ServiceDef[] = [...EDGE, ...READING, ...WRITING, ...BEHIND];
