export { argocd } from './format';
export { argocdHistory } from './history-text';
