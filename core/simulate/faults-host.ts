import type { Rng } from '../base';
import { slow, type Scenario } from './fault';
import type { SystemDef } from './system-types';
import type { Host, World } from './world';

/** A worker host; the first few are there in every size. */
function drawHost(rng: Rng, { hosts }: SystemDef): string {
  return `${hosts.name}${1 + rng.int(hosts.count)}`;
}

const hostOf = (world: World, name: string): Host | undefined =>
  world.hosts.find((host) => host.name === name);

export const networkLoss: Scenario = {
  id: 'network-loss',
  title: 'Packet loss on a host',
  description:
    'The network card of one worker host loses packets. Whatever goes to and from its pods is sent again after 200 ms or more.',
  draw(rng, system) {
    const name = drawHost(rng, system);
    return {
      cause: {
        service: name,
        kind: 'network_loss',
        metric: 'node_netstat_Tcp_RetransSegs_total',
      },
      level: 'host',
      symptom: slow(system, system.entry),
      inject(world) {
        const host = hostOf(world, name);
        if (host) host.loss = 0.12;
      },
    };
  },
};

export const cpuContention: Scenario = {
  id: 'cpu-contention',
  title: 'Processor contention on a host',
  description:
    'A process outside the cluster takes the processors of one worker host. Every pod on it is slow.',
  draw(rng, system) {
    const name = drawHost(rng, system);
    return {
      cause: { service: name, kind: 'cpu_contention', metric: 'node_cpu_seconds_total' },
      level: 'host',
      symptom: slow(system, system.entry),
      inject(world) {
        const host = hostOf(world, name);
        if (host) host.stress = host.cores * 14;
      },
    };
  },
};
