/** The mouse: one tool group for all viewports of the reading screen. */
import type { Types } from '@cornerstonejs/core';
import {
  AngleTool, EllipticalROITool, Enums as ToolEnums, LengthTool, PanTool, ProbeTool, RectangleROITool, ToolGroupManager,
  WindowLevelTool, ZoomTool, addTool, annotation,
} from '@cornerstonejs/tools';
import { i18next } from '@/i18n';
import type { MeasurementKind } from '../model/measurement';
import { measurementLines } from '../model/measurementText';
import { type AnnotationData, TOOL_OF_KIND, measureAnnotation } from './annotations';
import { RENDERING_ENGINE_ID } from './cornerstone';

export type PointerTool = 'WINDOW' | 'PAN' | 'ZOOM' | MeasurementKind;

const TOOL_GROUP_ID = 'reading';
const { MouseBindings } = ToolEnums;

const TOOL_NAME: Record<PointerTool, string> = {
  WINDOW: WindowLevelTool.toolName,
  PAN: PanTool.toolName,
  ZOOM: ZoomTool.toolName,
  ...TOOL_OF_KIND,
};

let added = false;

function toolGroup() {
  const existing = ToolGroupManager.getToolGroup(TOOL_GROUP_ID);
  if (existing) return existing;
  if (!added) {
    added = true;
    for (const tool of [WindowLevelTool, PanTool, ZoomTool, LengthTool, AngleTool, RectangleROITool, EllipticalROITool, ProbeTool]) {
      addTool(tool);
    }
    const before = annotation.config.style.getDefaultToolStyles();
    annotation.config.style.setDefaultToolStyles({ ...before, global: { ...before.global, ...STYLE } });
  }
  const group = ToolGroupManager.createToolGroup(TOOL_GROUP_ID);
  if (!group) throw new Error('a tool group of this name exists although it was not found');
  group.addTool(WindowLevelTool.toolName);
  group.addTool(PanTool.toolName);
  group.addTool(ZoomTool.toolName);
  for (const kind of Object.keys(TOOL_OF_KIND) as MeasurementKind[]) {
    group.addTool(TOOL_OF_KIND[kind], { getTextLines: textLines(kind) });
    group.setToolPassive(TOOL_OF_KIND[kind]);
  }
  group.setToolActive(PanTool.toolName, { bindings: [{ mouseButton: MouseBindings.Auxiliary }] });
  group.setToolActive(ZoomTool.toolName, { bindings: [{ mouseButton: MouseBindings.Secondary }] });
  group.setToolActive(WindowLevelTool.toolName, { bindings: [{ mouseButton: MouseBindings.Primary }] });
  return group;
}

export function joinToolGroup(viewportId: string): void {
  toolGroup().addViewport(viewportId, RENDERING_ENGINE_ID);
}

export function leaveToolGroup(viewportId: string): void {
  ToolGroupManager.getToolGroup(TOOL_GROUP_ID)?.removeViewports(RENDERING_ENGINE_ID, viewportId);
}

/** Gives the left button to a tool; the middle one always pans, the right one always zooms. */
export function choosePointerTool(tool: PointerTool): void {
  const group = toolGroup();
  for (const [other, name] of Object.entries(TOOL_NAME)) {
    if (other === tool) continue;
    if (name === PanTool.toolName) group.setToolActive(name, { bindings: [{ mouseButton: MouseBindings.Auxiliary }] });
    else if (name === ZoomTool.toolName) group.setToolActive(name, { bindings: [{ mouseButton: MouseBindings.Secondary }] });
    else group.setToolPassive(name, { removeAllBindings: true });
  }
  const own = tool === 'PAN' ? [MouseBindings.Auxiliary] : tool === 'ZOOM' ? [MouseBindings.Secondary] : [];
  group.setToolActive(TOOL_NAME[tool], {
    bindings: [MouseBindings.Primary, ...own].map((mouseButton) => ({ mouseButton })),
  });
}

/** The figures beside a mark: ours, remembered until the mark moves. */
function textLines(kind: MeasurementKind) {
  const remembered = new WeakMap<object, { key: string; lines: string[] }>();
  return (data: AnnotationData, target: string | string[]): string[] => {
    const targetId = Array.isArray(target) ? target[0] : target;
    const points = data?.handles?.points as Types.Point3[] | undefined;
    if (!data || !points || targetId === undefined) return [];
    const imageId = targetId.replace(/^imageId:/, '');
    const key = `${i18next.language} ${imageId} ${points.join()}`;
    const known = remembered.get(data);
    if (known?.key === key) return known.lines;
    const lines = measurementLines(measureAnnotation(kind, imageId, points), i18next.t);
    remembered.set(data, { key, lines });
    return lines;
  };
}

const STYLE = {
  color: 'rgb(255, 212, 59)',
  colorHighlighted: 'rgb(59, 201, 219)',
  colorSelected: 'rgb(59, 201, 219)',
  lineWidth: '1.5',
  textBoxFontFamily: "'Inter Variable', Inter, system-ui, sans-serif",
  textBoxFontSize: '12px',
  textBoxColor: 'rgb(255, 212, 59)',
  textBoxColorHighlighted: 'rgb(59, 201, 219)',
  textBoxColorSelected: 'rgb(59, 201, 219)',
  textBoxShadow: true,
} as const;
