/** How amounts, times and DICOM's own forms are written for people, in their language. */
import { i18next } from '@/i18n';

const KIB = 1024;

/** 8_400_000 → "8.0 MB" (binary steps, as file managers show them). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= KIB && unit < units.length - 1) {
    value /= KIB;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${formatNumber(value, digits)} ${units[unit]}`;
}

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(i18next.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Two units at most: "1 h 05 min", "3 min", "12 s"; the sign is the caller's to show. */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(Math.abs(seconds)));
  const { t } = i18next;
  if (s < 60) return t('common.seconds', { count: s });
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return t('common.minutes', { count: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    const rest = minutes % 60;
    return rest === 0 ? t('common.hours', { count: hours }) : `${t('common.hours', { count: hours })} ${t('common.minutes', { count: rest })}`;
  }
  return t('common.days', { count: Math.floor(hours / 24) });
}

export function formatDateTime(iso: string): string {
  return new Intl.DateTimeFormat(i18next.language, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' }).format(new Date(iso));
}

/** To the second, for who must tell what came first. */
export function formatMoment(iso: string): string {
  return new Intl.DateTimeFormat(i18next.language, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(new Date(iso));
}

/** Clinics count the day's hours through: no 12 o'clock is taken for another. */
export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(i18next.language, { timeStyle: 'medium', hourCycle: 'h23' }).format(new Date(iso));
}

/** A DICOM date (PS3.5 §6.2, VR DA: YYYYMMDD) or an ISO date; anything else is shown as it came. */
export function formatDicomDate(date: string | null | undefined): string {
  if (date === null || date === undefined || date === '') return i18next.t('common.none');
  const match = /^(\d{4})[-.]?(\d{2})[-.]?(\d{2})$/.exec(date.trim());
  if (match === null) return date;
  const [, year, month, day] = match.map(Number);
  const at = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1));
  return new Intl.DateTimeFormat(i18next.language, { dateStyle: 'medium', timeZone: 'UTC' }).format(at);
}

/** A DICOM person name (VR PN) for reading: "Meier^Anna^^Dr." → "Meier, Anna, Dr.". Ideographic groups follow in brackets. */
export function formatPersonName(name: string): string {
  const [alphabetic = '', ideographic = ''] = name.split('=');
  const shown = partsOf(alphabetic).join(', ');
  const other = partsOf(ideographic).join(' ');
  if (shown === '') return other === '' ? i18next.t('common.none') : other;
  return other === '' ? shown : `${shown} (${other})`;
}

function partsOf(group: string): string[] {
  return group.split('^').map((part) => part.trim()).filter((part) => part !== '');
}
