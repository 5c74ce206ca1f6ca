/** The marks a reader draws: their figures on the picture, and the list of them for one series. */
import { type Types, cache, eventTarget, metaData } from '@cornerstonejs/core';
import { Enums as ToolEnums, type Types as ToolTypes, annotation } from '@cornerstonejs/tools';
import { type DicomDataset, frameDataset } from '../model/dicomJson';
import type { StackImage } from '../model/imageStack';
import { type ImagePlane, worldToImage } from '../model/imagePlane';
import { type MeasurementKind, type MeasurementResult, type Pixels, type Point, measure } from '../model/measurement';

export const TOOL_OF_KIND: Record<MeasurementKind, string> = {
  LENGTH: 'Length',
  ANGLE: 'Angle',
  RECTANGLE: 'RectangleROI',
  ELLIPSE: 'EllipticalROI',
  PROBE: 'Probe',
};

const KIND_OF_TOOL = new Map(Object.entries(TOOL_OF_KIND).map(([kind, tool]) => [tool, kind as MeasurementKind]));

export interface ListedMeasurement {
  id: string;
  kind: MeasurementKind;
  imageId: string;
  sopInstanceUid: string;
  frame: number;
  result: MeasurementResult | undefined;
}

/** Data sets by image id, so that a mark can be measured without asking the library what it means. */
const images = new Map<string, { image: StackImage; dataset: DicomDataset }>();

export function registerImages(stack: readonly StackImage[]): void {
  for (const image of stack) images.set(image.imageId, { image, dataset: frameDataset(image.dataset, image.frame) });
}

/** Measures from world points; `undefined` while the mark is not complete. */
export function measureAnnotation(kind: MeasurementKind, imageId: string, points: readonly Types.Point3[]): MeasurementResult | undefined {
  const known = images.get(imageId);
  const plane = metaData.get('imagePlaneModule', imageId) as ImagePlane | undefined;
  if (!known || !plane) return undefined;
  const imagePoints = points.map((point) => worldToImage(plane, point) satisfies Point);
  return measure(kind, imagePoints, known.dataset, pixelsOf(imageId));
}

function pixelsOf(imageId: string): Pixels | undefined {
  const image = cache.getImage(imageId);
  if (!image) return undefined;
  return {
    width: image.columns,
    height: image.rows,
    values: image.voxelManager?.getScalarData() ?? image.getPixelData(),
    components: image.numberOfComponents ?? 1,
  };
}

/** Every finished mark, in the order it was drawn. */
export function listMeasurements(): ListedMeasurement[] {
  return annotation.state.getAllAnnotations().flatMap((mark): ListedMeasurement[] => {
    const kind = KIND_OF_TOOL.get(mark.metadata?.toolName ?? '');
    const imageId = mark.metadata?.referencedImageId;
    const points = mark.data?.handles?.points as Types.Point3[] | undefined;
    const known = imageId === undefined ? undefined : images.get(imageId);
    if (!kind || !imageId || !points || !known || mark.annotationUID === undefined) return [];
    return [
      {
        id: mark.annotationUID,
        kind,
        imageId,
        sopInstanceUid: known.image.sopInstanceUid,
        frame: known.image.frame,
        result: measureAnnotation(kind, imageId, points),
      },
    ];
  });
}

export function removeMeasurement(id: string): void {
  annotation.state.removeAnnotation(id);
}

/** Removes the mark that is selected, or else the last one drawn on the image. */
export function removeSelectedMeasurement(imageId: string | undefined): void {
  const selected = annotation.selection.getAnnotationsSelected();
  if (selected.length > 0) {
    selected.forEach((id) => annotation.state.removeAnnotation(id));
    return;
  }
  const last = listMeasurements().findLast((mark) => mark.imageId === imageId);
  if (last) annotation.state.removeAnnotation(last.id);
}

/** Another case's marks must never be seen on this one. */
export function forgetMeasurements(): void {
  annotation.state.removeAllAnnotations();
  images.clear();
}

const CHANGES = [
  ToolEnums.Events.ANNOTATION_ADDED,
  ToolEnums.Events.ANNOTATION_COMPLETED,
  ToolEnums.Events.ANNOTATION_MODIFIED,
  ToolEnums.Events.ANNOTATION_REMOVED,
];

export function onMeasurementsChanged(listener: () => void): () => void {
  for (const event of CHANGES) eventTarget.addEventListener(event, listener);
  return () => {
    for (const event of CHANGES) eventTarget.removeEventListener(event, listener);
  };
}

export type AnnotationData = ToolTypes.Annotation['data'];
