import './start.css';

export { StartScreen } from './start-screen';
