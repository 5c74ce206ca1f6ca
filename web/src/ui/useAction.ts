/** A button's deed: busy while it runs, a message when it fails. */
import { useCallback, useState } from 'react';
import { notifyDone, notifyFailed } from './notify';

export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>, done?: string): [(...args: Args) => Promise<boolean>, boolean] {
  const [busy, setBusy] = useState(false);
  const run = useCallback(
    async (...args: Args) => {
      setBusy(true);
      try {
        await act(...args);
        if (done !== undefined) notifyDone(done);
        return true;
      } catch (cause) {
        notifyFailed(cause);
        return false;
      } finally {
        setBusy(false);
      }
    },
    [act, done],
  );
  return [run, busy];
}
