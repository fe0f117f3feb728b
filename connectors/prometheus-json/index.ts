export { prometheusExemplarsJson } from './exemplars';
export { prometheusQueryJson } from './format';
