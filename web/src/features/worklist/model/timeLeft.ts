/** How long until a case is late, and how loudly that is said. */

export type Urgency = 'NONE' | 'CALM' | 'NEAR' | 'SOON' | 'OVERDUE';

export interface TimeLeft {
  urgency: Urgency;
  /** Seconds to the due time; negative once it has passed. 0 without one. */
  seconds: number;
}

const SOON_SECONDS = 15 * 60;
const NEAR_SECONDS = 60 * 60;

export function timeLeft(dueAt: string | null | undefined, nowMs: number): TimeLeft {
  if (!dueAt) return { urgency: 'NONE', seconds: 0 };
  const seconds = Math.floor((Date.parse(dueAt) - nowMs) / 1000);
  if (Number.isNaN(seconds)) return { urgency: 'NONE', seconds: 0 };
  if (seconds < 0) return { urgency: 'OVERDUE', seconds };
  if (seconds < SOON_SECONDS) return { urgency: 'SOON', seconds };
  if (seconds < NEAR_SECONDS) return { urgency: 'NEAR', seconds };
  return { urgency: 'CALM', seconds };
}

/** `▲ −3:07`, `14:59`, `2 h 05`, `3 d 4 h`: always the two largest units, so that the column stays narrow. */
export function timeLeftText({ urgency, seconds }: TimeLeft): string {
  if (urgency === 'NONE') return '–';
  const amount = Math.abs(seconds);
  const sign = urgency === 'OVERDUE' ? '▲ −' : '';
  const [days, hours, minutes] = [Math.floor(amount / 86_400), Math.floor(amount / 3600) % 24, Math.floor(amount / 60) % 60];
  if (days > 0) return `${sign}${days} d ${hours} h`;
  if (hours > 0) return `${sign}${hours} h ${two(minutes)}`;
  return `${sign}${minutes}:${two(amount % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
