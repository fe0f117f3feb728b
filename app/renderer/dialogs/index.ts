import './dialogs.css';

export { Dialogs } from './dialogs';
