/**
 * The portal's look: one dark, calm theme, so that a reader's eyes never meet a bright page.
 *
 * Contrasts on the page's background: text 13.9, muted 7.9, accent 9.7, control borders 3.6 (WCAG 2.2 AA).
 * State is never shown by colour alone: every place that uses one of `stateColor` also has a sign or a word.
 */
import {
  Badge, Button, Card, Code, createTheme, Divider, type CSSVariablesResolver, type MantineColorsTuple, Modal, Notification, Paper,
  Progress, Table, Tooltip,
} from '@mantine/core';

/** Mantine reads: 0 text, 2 dimmed, 3 placeholder, 4 control border, 5 hover, 6 control and card, 7 page. */
const dark: MantineColorsTuple = [
  '#d5dbe5', '#b8c2d0', '#9aa7b8', '#8593a6', '#5b6b80', '#1d2634', '#121721', '#0b0e13', '#090b0f', '#06080b',
];

/** What a case's or a job's state looks like, by meaning. */
export const stateColor = {
  overdue: 'var(--mantine-color-red-5)',
  soon: 'var(--mantine-color-orange-4)',
  near: 'var(--mantine-color-yellow-4)',
  good: 'var(--mantine-color-green-3)',
  calm: 'var(--mantine-color-dark-2)',
  accent: 'var(--mantine-color-cyan-4)',
} as const;

export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: 4,
  autoContrast: true,
  luminanceThreshold: 0.35,
  colors: { dark },
  defaultRadius: 4,
  fontFamily: "'Inter Variable', Inter, system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'DejaVu Sans Mono', Menlo, monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.35' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '19px' }, h2: { fontSize: '16px' }, h3: { fontSize: '14px' } },
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({ defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 500 }, styles: { root: { flexShrink: 0 }, label: { overflow: 'visible' } } }),
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    Card: Card.extend({ defaultProps: { withBorder: true, padding: 'md' } }),
    Code: Code.extend({ defaultProps: { color: 'dark.7' } }),
    Divider: Divider.extend({ defaultProps: { color: 'var(--divider)' } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.7 }, transitionProps: { duration: 120 } }, styles: { header: { background: 'var(--surface)' }, title: { fontWeight: 600 } } }),
    Notification: Notification.extend({ styles: { description: { color: 'var(--mantine-color-dark-1)' } } }),
    Paper: Paper.extend({ defaultProps: { bg: 'var(--surface)' } }),
    // An empty track must not look like a full one.
    Progress: Progress.extend({ styles: { root: { backgroundColor: 'var(--divider)' } } }),
    Table: Table.extend({ defaultProps: { borderColor: 'var(--divider)', highlightOnHoverColor: 'var(--row-hover)', verticalSpacing: 5, horizontalSpacing: 10 } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});

/** Badges and alerts as a breath of their colour on the surface under them, with text that stays readable (≥ 4.5). */
function quietTints(): Record<string, string> {
  const tints: Record<string, string> = {};
  for (const color of ['red', 'orange', 'yellow', 'green', 'cyan', 'blue', 'gray'] as const) {
    tints[`--mantine-color-${color}-light`] = `color-mix(in srgb, var(--mantine-color-${color}-5) 15%, transparent)`;
    tints[`--mantine-color-${color}-light-hover`] = `color-mix(in srgb, var(--mantine-color-${color}-5) 24%, transparent)`;
    tints[`--mantine-color-${color}-light-color`] = color === 'gray' ? 'var(--mantine-color-dark-1)' : `var(--mantine-color-${color}-3)`;
  }
  return tints;
}

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--surface': '#121721',
    '--surface-raised': '#18202c',
    '--selected': '#123340',
    '--row-hover': '#161d28',
    '--divider': '#232a35',
    '--header-height': '48px',
  },
  light: {},
  dark: { '--mantine-color-error': '#ff8787', ...quietTints() },
});
