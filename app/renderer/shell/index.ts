import './shell.css';
import './dock.css';

export { App } from './app';
