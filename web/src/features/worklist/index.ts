/** The worklist's public face. */
export { WorklistScreen } from './WorklistScreen';
export { VIEWS, type WorklistView } from './model/views';
export { holderOf } from './useClaims';
