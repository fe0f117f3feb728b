export { argocd } from './format';
