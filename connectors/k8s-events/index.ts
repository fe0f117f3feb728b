export { k8sEvents } from './format';
