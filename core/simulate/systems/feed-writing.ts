import type { ServiceDef } from '../system-types';
import {
  cached,
  call,
  cpu,
  db,
  maybe,
  operation,
  outside,
  publish,
  put,
  service,
  within,
} from './steps';

/** What writes, searches and tells. */
export const WRITING: readonly ServiceDef[] = [
  service({
    name: 'Posts',
    language: 'java',
    version: '54.0.3',
    instances: 3,
    connections: 6,
    transport: 'grpc',
    memory: { base: 760, limit: 1500 },
    operations: {
      recent: operation('feed.Posts/Recent', cpu(2), db('posts', 'postsOfFollowed')),
      ofUser: operation('feed.Posts/OfUser', cpu(1.5), db('posts', 'postsOfUser')),
      byIds: operation(
        'feed.Posts/ByIds',
        cpu(1),
        cached('cache-timeline', 0.8, db('posts', 'postsByIds')),
      ),
      create: operation(
        'feed.Posts/Create',
        cpu(2),
        db('posts', 'insertPost'),
        publish('post-created'),
      ),
    },
  }),
  service({
    name: 'Moderation',
    language: 'python',
    version: '12.8.0',
    instances: 2,
    workers: 8,
    memory: { base: 700, limit: 1500 },
    operations: {
      screen: operation(
        'POST /screen',
        within('classify', cpu(22)),
        maybe('Reputation', 'of'),
        outside('hashes.safelist.example', '/match', 50, 900, 1, 0.5),
      ),
    },
  }),
  service({
    name: 'Reputation',
    language: 'go',
    version: '1.1.1',
    instances: 1,
    connections: 3,
    operations: { of: operation('GET /reputation', cpu(1), db('social', 'reputationOfUser')) },
  }),
  service({
    name: 'Media',
    language: 'php',
    version: '9.40.2',
    instances: 2,
    workers: 20,
    connections: 4,
    operations: {
      resolve: operation(
        'POST /media/resolve',
        cpu(1.5),
        cached('cache-timeline', 0.85, db('posts', 'mediaByIds')),
      ),
    },
  }),
  service({
    name: 'Query',
    language: 'java',
    version: '8.17.0',
    instances: 2,
    memory: { base: 1200, limit: 2200 },
    operations: {
      run: operation(
        'GET /query',
        within('search shards', cpu(14)),
        call('Posts', 'byIds', 1000, 1),
      ),
    },
  }),
  service({
    name: 'Spelling',
    language: 'python',
    version: '1.0.12',
    instances: 1,
    operations: { suggest: operation('GET /suggest', cpu(3)) },
  }),
  service({
    name: 'Notes',
    language: 'ruby',
    version: '203',
    instances: 2,
    workers: 10,
    connections: 5,
    operations: { list: operation('GET /notes', cpu(3), db('posts', 'notesOfUser')) },
  }),
  service({
    name: 'Chat',
    language: 'erlang',
    version: '27.2.0',
    instances: 2,
    workers: 96,
    connections: 5,
    operations: { threads: operation('GET /threads', cpu(1.2), db('social', 'threadsOfUser')) },
  }),
];

/** What goes on after a post was stored. */
export const BEHIND: readonly ServiceDef[] = [
  service({
    name: 'Fanout',
    language: 'rust',
    version: '7.1.0',
    instances: 2,
    workers: 8,
    consumes: { topic: 'post-created', op: 'fan' },
    operations: {
      fan: operation(
        'process post-created',
        cpu(2),
        call('UserGraph', 'follows', 900, 2),
        put('cache-timeline'),
        publish('feed-updated'),
      ),
    },
  }),
  service({
    name: 'Indexer',
    language: 'java',
    version: '8.17.0',
    instances: 1,
    workers: 6,
    memory: { base: 700, limit: 1500 },
    consumes: { topic: 'post-created', op: 'index', newTrace: true },
    operations: { index: operation('process post-created', within('tokenise', cpu(8))) },
  }),
  service({
    name: 'Thumbnails',
    language: 'go',
    version: '2.0.0',
    instances: 2,
    workers: 4,
    consumes: { topic: 'post-created', op: 'shrink' },
    operations: { shrink: operation('process post-created', cpu(30)) },
  }),
  service({
    name: 'Notifier',
    language: 'ruby',
    version: '61',
    instances: 2,
    workers: 6,
    connections: 3,
    consumes: { topic: 'feed-updated', op: 'note' },
    operations: {
      note: operation(
        'process feed-updated',
        cpu(3),
        db('posts', 'insertNote'),
        call('Push', 'send', 1500, 1),
      ),
    },
  }),
  service({
    name: 'Push',
    language: 'go',
    version: '4.4.0',
    instances: 1,
    operations: {
      send: operation(
        'POST /push',
        cpu(1),
        outside('push.handset.example', '/3/device', 40, 1200, 1),
      ),
    },
  }),
  service({
    name: 'Metering',
    language: 'python',
    version: '0.3.1',
    instances: 1,
    workers: 6,
    consumes: { topic: 'feed-updated', op: 'meter', newTrace: true },
    operations: { meter: operation('process feed-updated', cpu(2)) },
  }),
  service({
    name: 'Audit',
    language: 'dotnet',
    version: '3.0.5',
    instances: 1,
    workers: 6,
    connections: 2,
    consumes: { topic: 'post-created', op: 'keep', newTrace: true },
    operations: { keep: operation('process post-created', cpu(1), db('posts', 'insertAudit')) },
  }),
];
