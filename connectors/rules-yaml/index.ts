export { openSlo, prometheusRulesYaml, sloth } from './format';
