export { ticketCsv } from './format';
