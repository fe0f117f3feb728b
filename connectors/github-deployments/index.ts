export { githubDeployments } from './format';
