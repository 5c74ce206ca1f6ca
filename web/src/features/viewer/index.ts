/** The viewer's public face. Nothing here pulls in the drawing library: it comes with `Viewer`, when that is first shown. */
import { lazy } from 'react';

export const Viewer = lazy(() => import('./ui/ViewerScreen'));
export type { KeyImageMark, NewKeyImage, ViewerHandle, ViewerScreenProps } from './ui/ViewerScreen';
export type { ViewerSeries } from './ui/useStacks';
