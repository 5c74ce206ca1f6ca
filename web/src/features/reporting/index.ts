/** The reading screen's public face. */
export { ReadingScreen } from './reading/ReadingScreen';
