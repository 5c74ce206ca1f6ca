/** The worklist's public face. */
export { WorklistScreen } from './WorklistScreen';
export { signedPreliminary } from './model/secondReader';
export { VIEWS, type WorklistView } from './model/views';
export { PriorityCell, ReceivedCell, studyText, TimeLeftCell } from './cells';
export { holderOf } from './useClaims';
