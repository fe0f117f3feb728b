export { plantedCases } from './cases';
