import { ActionIcon, Button, Divider, Group, Menu, NumberInput, Text, Tooltip } from '@mantine/core';
import {
  IconAngle, IconArrowsMove, IconBookmark, IconBookmarkFilled, IconCircleDashed, IconColorPicker, IconContrast, IconContrast2,
  IconFlipHorizontal, IconFlipVertical, IconHelp, IconLayoutColumns, IconLayoutGrid, IconPlayerPause, IconPlayerPlay, IconRectangle,
  IconRefresh, IconRotateClockwise, IconRulerMeasure, IconSquare, IconZoomIn, IconChevronDown, IconList,
} from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { PointerTool } from '../engine/tools';
import type { LayoutName } from '../model/layout';
import type { WindowPreset } from '../model/presets';
import { VIEWER_KEYS, type ViewerCommand } from './viewerKeys';

interface ViewerToolbarProps {
  tool: PointerTool;
  layout: LayoutName;
  presets: readonly WindowPreset[];
  hasWindow: boolean;
  playing: boolean;
  canPlay: boolean;
  framesPerSecond: number;
  isKeyImage: boolean;
  canMarkKeyImages: boolean;
  measurementCount: number;
  showMeasurements: boolean;
  onCommand: (command: ViewerCommand) => void;
  onPreset: (preset: WindowPreset) => void;
  onFramesPerSecond: (framesPerSecond: number) => void;
  onToggleMeasurements: () => void;
}

type Icon = typeof IconAngle;

const TOOLS: Array<[ViewerCommand, PointerTool, Icon]> = [
  ['toolWindow', 'WINDOW', IconContrast],
  ['toolPan', 'PAN', IconArrowsMove],
  ['toolZoom', 'ZOOM', IconZoomIn],
  ['toolLength', 'LENGTH', IconRulerMeasure],
  ['toolAngle', 'ANGLE', IconAngle],
  ['toolRectangle', 'RECTANGLE', IconRectangle],
  ['toolEllipse', 'ELLIPSE', IconCircleDashed],
  ['toolProbe', 'PROBE', IconColorPicker],
];

const DISPLAY: Array<[ViewerCommand, Icon]> = [
  ['invert', IconContrast2],
  ['rotate', IconRotateClockwise],
  ['flipHorizontal', IconFlipHorizontal],
  ['flipVertical', IconFlipVertical],
  ['reset', IconRefresh],
];

const LAYOUT: Array<[ViewerCommand, LayoutName, Icon]> = [
  ['layout1', '1x1', IconSquare],
  ['layout2', '1x2', IconLayoutColumns],
  ['layout4', '2x2', IconLayoutGrid],
];

/** Remembered: scrolling through images must not make two dozen buttons anew. */
export const ViewerToolbar = memo(function ViewerToolbar(props: ViewerToolbarProps) {
  const { t } = useTranslation();
  const { tool, layout, presets, onCommand } = props;
  return (
    <Group gap={1} px={4} h={38} wrap="nowrap" role="toolbar" aria-label={t('viewer.toolbar')} style={{ overflowX: 'auto', flex: 'none' }}>
      {TOOLS.map(([command, name, Icon]) => (
        <ToolButton key={command} command={command} icon={Icon} pressed={tool === name} onCommand={onCommand} />
      ))}
      <Divider orientation="vertical" mx={2} my={8} />
      <Menu position="bottom-start" width={210}>
        <Menu.Target>
          <Button size="compact-xs" h={28} flex="none" variant="default" disabled={!props.hasWindow} rightSection={<IconChevronDown size={13} aria-hidden />}>
            {t('viewer.presets')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {presets.map((preset) => (
            <Menu.Item key={preset.digit} rightSection={<Text size="xs" c="dimmed">{preset.digit}</Text>} onClick={() => props.onPreset(preset)}>
              {t(`viewer.preset.${preset.name}`)}
              {preset.window.kind === 'FIXED' && (
                <Text span size="xs" c="dimmed" ml={8} className="tabular">{preset.window.width} / {preset.window.center}</Text>
              )}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {DISPLAY.map(([command, Icon]) => <ToolButton key={command} command={command} icon={Icon} onCommand={onCommand} />)}
      <Divider orientation="vertical" mx={2} my={8} />
      {LAYOUT.map(([command, name, Icon]) => (
        <ToolButton key={command} command={command} icon={Icon} pressed={layout === name} onCommand={onCommand} />
      ))}
      <Divider orientation="vertical" mx={2} my={8} />
      <ToolButton command="cine" icon={props.playing ? IconPlayerPause : IconPlayerPlay} disabled={!props.canPlay} onCommand={onCommand} />
      {props.canPlay && (
        <NumberInput
          size="xs" w={58} miw={58} h={28} min={1} max={60} clampBehavior="blur" hideControls
          aria-label={t('viewer.framesPerSecond')}
          value={props.framesPerSecond}
          suffix=" fps"
          onChange={(value) => typeof value === 'number' && value >= 1 && props.onFramesPerSecond(Math.min(60, value))}
        />
      )}
      <ToolButton
        command="keyImage" icon={props.isKeyImage ? IconBookmarkFilled : IconBookmark} pressed={props.isKeyImage}
        disabled={!props.canMarkKeyImages} onCommand={onCommand}
      />
      <div style={{ flex: 1 }} />
      <Tooltip label={t('viewer.measurements', { count: props.measurementCount })}>
        <Button
          size="compact-xs" h={28} flex="none" variant={props.showMeasurements ? 'light' : 'subtle'} color="gray"
          leftSection={<IconList size={15} aria-hidden />} aria-pressed={props.showMeasurements}
          aria-label={t('viewer.measurements', { count: props.measurementCount })} onClick={props.onToggleMeasurements}
        >
          {props.measurementCount}
        </Button>
      </Tooltip>
      <ToolButton command="help" icon={IconHelp} onCommand={onCommand} />
    </Group>
  );
});

interface ToolButtonProps {
  command: ViewerCommand;
  icon: Icon;
  pressed?: boolean;
  disabled?: boolean;
  onCommand: (command: ViewerCommand) => void;
}

function ToolButton({ command, icon: Icon, pressed, disabled, onCommand }: ToolButtonProps) {
  const { t } = useTranslation();
  const key = VIEWER_KEYS.find((known) => known.command === command)?.label;
  const label = t(`viewer.command.${command}`);
  return (
    <Tooltip label={key ? `${label}  (${key})` : label}>
      <ActionIcon
        size={28} variant={pressed ? 'light' : 'subtle'} color={pressed ? 'cyan' : 'gray'} disabled={disabled ?? false}
        aria-label={label} aria-pressed={pressed} aria-keyshortcuts={key} onClick={() => onCommand(command)}
      >
        <Icon size={17} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
