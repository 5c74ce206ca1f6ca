import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { dataOf } from '@/api/graphql';
import { ApiError } from '@/api/request';
import { readFragment } from '@/gql';
import { type OtherVersion, chooseDraft, type ServerDraft } from '../model/chooseDraft';
import type { Template } from '../model/template';
import type { ClaimKeeper } from '../reading/ClaimKeeper';
import { DRAFT_FIELDS, READING_CASE, READING_CASE_FIELDS, SAVE_DRAFT } from '../reading/reading.queries';
import { DraftKeeper } from './DraftKeeper';
import { forgetLocalDraft, readLocalDraft, sweepLocalDrafts, writeLocalDraft } from './localDrafts';

export interface OpenedDraft {
  keeper: DraftKeeper;
  other: OtherVersion | undefined;
}

/** Opens the report's text once the case is held: the program's draft, this computer's, or a fresh template. */
export function useDraft(caseId: string, userId: string, claim: ClaimKeeper, isHeld: boolean, templates: readonly Template[]): OpenedDraft | undefined {
  const client = useClient();
  const [opened, setOpened] = useState<OpenedDraft>();
  const ready = isHeld && templates.length > 0;

  useEffect(() => {
    if (!ready || opened !== undefined) return undefined;
    let gone = false;
    const readServer = async (): Promise<ServerDraft | undefined> => {
      const data = dataOf(await client.query(READING_CASE, { id: caseId }, { requestPolicy: 'network-only' }).toPromise());
      const draft = data.case && readFragment(READING_CASE_FIELDS, data.case).draft;
      return draft ? readFragment(DRAFT_FIELDS, draft) : undefined;
    };
    const open = async () => {
      void sweepLocalDrafts(Date.now()).catch(() => undefined);
      const [server, local] = await Promise.all([readServer(), readLocalDraft(caseId, userId).catch(() => undefined)]);
      const first = templates[0];
      const chosen = chooseDraft(server, local) ?? (first && {
        source: 'SERVER' as const, templateId: first.id, sections: [...first.sections], baseRevision: 0, unsaved: false, other: undefined,
      });
      if (gone || chosen === undefined) return;
      const keeper = new DraftKeeper(
        {
          now: () => Date.now(),
          keep: (draft) => writeLocalDraft(caseId, userId, draft),
          forget: () => forgetLocalDraft(caseId, userId),
          read: readServer,
          save: async ({ baseRevision, templateId, sections }) => {
            const claimToken = claim.token;
            if (claimToken === undefined) throw new ApiError('CLAIM_LOST', 'the case is not held');
            const texts = sections.map(({ key, text }) => ({ key, text }));
            const input = { caseId, claimToken, baseRevision, templateId, sections: texts };
            return dataOf(await client.mutation(SAVE_DRAFT, { input }).toPromise()).saveReportDraft;
          },
          later: (run, ms) => {
            const timer = setTimeout(run, ms);
            return () => clearTimeout(timer);
          },
        },
        chosen,
        server === undefined || server.revision === 0 || chosen.unsaved ? undefined : Date.parse(server.updatedAt),
      );
      keeper.start();
      setOpened({ keeper, other: chosen.other });
    };
    // Offline: the text on this computer will be compared when the program answers.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const attempt = () => {
      open().catch(() => {
        if (!gone) timer = setTimeout(attempt, 3000);
      });
    };
    attempt();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [ready, opened, caseId, userId, claim, client, templates]);

  useEffect(() => {
    if (opened === undefined) return undefined;
    const { keeper } = opened;
    const online = () => keeper.retryNow();
    window.addEventListener('online', online);
    // A refused save tells of a lost claim before the next renewal would.
    const leave = keeper.subscribe(() => {
      if (keeper.getSnapshot().save.kind === 'CLAIM_LOST') claim.lose();
    });
    const leaveClaim = claim.subscribe(() => {
      if (claim.getSnapshot().kind === 'HELD' && keeper.getSnapshot().save.kind === 'CLAIM_LOST') keeper.retryNow();
    });
    return () => {
      window.removeEventListener('online', online);
      leave();
      leaveClaim();
      // The claim is given back in the next moment; what is not saved by then stays on this computer.
      void keeper.flush().catch(() => undefined);
    };
  }, [opened, claim]);
  return opened;
}
