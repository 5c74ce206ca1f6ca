import { graphql } from '@/gql';
import type { WorklistRowFragment } from '@/gql/graphql';

/** One row of the worklist; the preview asks for more. */
export const WORKLIST_ROW = graphql(`
  fragment WorklistRow on Case {
    id
    state
    priority
    protocolFlag
    createdAt
    readyAt
    dueAt
    warned
    breached
    receivedCount
    expectedCount
    receivedPercent
    lateImages
    indication
    myClaimToken
    facility { id name }
    patient { id name patientId sex ageAtStudy birthDate }
    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }
    holder { userId name since }
    report { id state versions { id kind signedAt signedBy signerId } }
  }
`);

export const WORKLIST = graphql(`
  query Worklist($filter: WorklistFilter, $first: Int!, $after: String) {
    worklist(filter: $filter, first: $first, after: $after) {
      nodes { ...WorklistRow }
      endCursor
      hasNextPage
    }
  }
`);

export const WORKLIST_CASE = graphql(`
  query WorklistCase($id: ID!) {
    case(id: $id) { ...WorklistRow }
  }
`);

export const CASE_PREVIEW = graphql(`
  query CasePreview($id: ID!) {
    case(id: $id) {
      ...WorklistRow
      patient { issuer }
      study { id series { id seriesInstanceUid modality number description instanceCount thumbnailUrl } }
      clock { state targetSeconds elapsedSeconds owner spans { owner from to seconds } }
    }
  }
`);

export const CLAIM_CASE = graphql(`
  mutation ClaimFromWorklist($input: ClaimCaseInput!) {
    claimCase(input: $input) { claimToken case { ...WorklistRow } }
  }
`);

export const RELEASE_CASE = graphql(`
  mutation ReleaseFromWorklist($input: ClaimTokenInput!) {
    releaseClaim(input: $input) { ...WorklistRow }
  }
`);

export type CaseRow = WorklistRowFragment;
