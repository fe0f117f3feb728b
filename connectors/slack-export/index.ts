export { slackExport } from './format';
