/** A picture that needs the bearer token: fetched when it comes into view, kept for the visit, shown as an object URL. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { authorisedBlob } from '@/api/authorised';
import { session } from '@/api/session';

const MOST_KEPT = 400;

/** Object URLs by address. Also a failure is remembered, for a minute, so that a list does not ask again at every scroll. */
const kept = new Map<string, Promise<string | undefined>>();

function objectUrlOf(address: string): Promise<string | undefined> {
  let url = kept.get(address);
  if (url === undefined) {
    url = authorisedBlob(address).then(
      (blob) => URL.createObjectURL(blob),
      () => {
        setTimeout(() => kept.delete(address), 60_000);
        return undefined;
      },
    );
    kept.set(address, url);
    dropOldest();
  }
  return url;
}

// Whoever signs out takes their pictures along.
session.subscribe(() => {
  if (session.state().kind !== 'SIGNED_OUT') return;
  for (const url of kept.values()) void url.then((made) => made && URL.revokeObjectURL(made));
  kept.clear();
});

function dropOldest(): void {
  if (kept.size <= MOST_KEPT) return;
  const [oldest] = kept;
  if (oldest === undefined) return;
  kept.delete(oldest[0]);
  void oldest[1].then((url) => url && URL.revokeObjectURL(url));
}

interface AuthorisedImageProps {
  src: string | null | undefined;
  alt: string;
  width: number;
  height: number;
  /** Shown while there is no picture, or for good when there is none. */
  fallback: ReactNode;
  className?: string | undefined;
}

export function AuthorisedImage({ src, alt, width, height, fallback, className }: AuthorisedImageProps) {
  const box = useRef<HTMLSpanElement>(null);
  const [shown, setShown] = useState<{ src: string; url: string } | undefined>();
  useEffect(() => {
    if (!src || box.current === null) return undefined;
    let gone = false;
    const load = () => {
      void objectUrlOf(src).then((url) => {
        if (!gone && url !== undefined) setShown({ src, url });
      });
    };
    if (!('IntersectionObserver' in window)) {
      load();
      return () => { gone = true; };
    }
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      load();
    }, { rootMargin: '120px' });
    observer.observe(box.current);
    return () => {
      gone = true;
      observer.disconnect();
    };
  }, [src]);
  return (
    <span
      ref={box}
      className={className}
      style={{ width, height, display: 'inline-grid', gridTemplate: '100% / 100%', placeItems: 'center', background: '#000', borderRadius: 3, overflow: 'hidden', flex: 'none' }}
    >
      {/* Another picture's address means another picture: the one before is not shown for it. */}
      {shown !== undefined && shown.src === src ? (
        <img src={shown.url} alt={alt} draggable={false} style={{ width: '100%', height: '100%', objectFit: 'contain' }} />
      ) : (
        fallback
      )}
    </span>
  );
}
