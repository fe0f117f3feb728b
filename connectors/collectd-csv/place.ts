import type { Attributes } from '../../core/model';

/** What a file's path says of its values. */
export interface Place {
  readonly metric: string;
  readonly resource: Attributes;
  readonly labels: Attributes;
  /** True where the path is not host/plugin/type. */
  readonly guessed: boolean;
}

/**
 * host/plugin[-instance]/type[-instance][-date] (collectd's naming schema). The metric is called as
 * collectd's own Prometheus exporter does, collectd_<plugin>_<type>.
 */
export function placeOfPath(path: string): Place {
  const parts = path.replaceAll('\\', '/').split('/').filter(Boolean);
  const file = (parts.at(-1) ?? '').replace(/-\d{4}-\d\d-\d\d(\.csv)?$|\.csv$/, '');
  const [type, typeInstance] = halves(file);
  if (parts.length < 3) {
    const labels = typeInstance === '' ? {} : { type_instance: typeInstance };
    return { metric: `collectd_${type || 'value'}`, resource: {}, labels, guessed: true };
  }
  const [plugin, pluginInstance] = halves(parts.at(-2) ?? '');
  return {
    metric: plugin === type ? `collectd_${plugin}` : `collectd_${plugin}_${type}`,
    resource: { 'host.name': parts.at(-3) ?? '' },
    labels: {
      ...(pluginInstance === '' ? {} : { plugin_instance: pluginInstance }),
      ...(typeInstance === '' ? {} : { type_instance: typeInstance }),
    },
    guessed: false,
  };
}

function halves(name: string): readonly [string, string] {
  const dash = name.indexOf('-');
  return dash < 0 ? [name, ''] : [name.slice(0, dash), name.slice(dash + 1)];
}
