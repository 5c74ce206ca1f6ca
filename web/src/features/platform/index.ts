export { PlatformScreen } from './PlatformScreen';
