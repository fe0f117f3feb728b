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
    const metric = `collectd_${type || 'value'}`;
    return { metric, resource: {}, labels: instances('', typeInstance), guessed: true };
  }
  const [plugin, pluginInstance] = halves(parts.at(-2) ?? '');
  return {
    metric: plugin === type ? `collectd_${plugin}` : `collectd_${plugin}_${type}`,
    resource: { 'host.name': parts.at(-3) ?? '' },
    labels: instances(pluginInstance, typeInstance),
    guessed: false,
  };
}

function halves(name: string): readonly [string, string] {
  const dash = name.indexOf('-');
  return dash < 0 ? [name, ''] : [name.slice(0, dash), name.slice(dash + 1)];
}

function instances(plugin: string, type: string): Attributes {
  const labels: Record<string, string> = {};
  if (plugin !== '') labels['plugin_instance'] = plugin;
  if (type !== '') labels['type_instance'] = type;
  return labels;
}
