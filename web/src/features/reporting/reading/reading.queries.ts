import { graphql } from '@/gql';

export const READING_CASE_FIELDS = graphql(`
  fragment ReadingCaseFields on Case {
    id
    state
    priority
    protocolFlag
    indication
    dueAt
    lateImages
    receivedCount
    expectedCount
    receivedPercent
    myClaimToken
    facility { id name }
    patient { id name patientId birthDate sex ageAtStudy }
    study {
      id studyInstanceUid accessionNumber description studyDate modalities bodyPart instanceCount
      series { id seriesInstanceUid modality number description instanceCount frameCount thumbnailUrl }
    }
    holder { userId name since leaseExpiresAt }
    draft { ...DraftFields }
    report { id state versions { ...VersionFields } }
    keyImages { id sopInstanceUid seriesInstanceUid frame note }
  }
`);

export const DRAFT_FIELDS = graphql(`
  fragment DraftFields on ReportDraft {
    revision
    templateId
    updatedAt
    sections { key title text required }
  }
`);

export const VERSION_FIELDS = graphql(`
  fragment VersionFields on ReportVersion {
    id
    number
    kind
    signedAt
    signedBy
    signerId
    sha256
    pdfUrl
    sections { key title text required }
  }
`);

export const READING_CASE = graphql(`
  query ReadingCase($id: ID!) {
    case(id: $id) { ...ReadingCaseFields }
  }
`);

export const TEMPLATE_FIELDS = graphql(`
  fragment TemplateFields on ReportTemplate {
    id
    name
    language
    sections { key title text required }
  }
`);

/** The templates that fit best, and all others to change to: what the file says of itself may be wrong. */
export const TEMPLATES = graphql(`
  query ReportTemplates($modality: String, $bodyPart: String) {
    fitting: reportTemplates(modality: $modality, bodyPart: $bodyPart) { ...TemplateFields }
    all: reportTemplates { ...TemplateFields }
  }
`);

export const NEXT_CASES = graphql(`
  query NextCases {
    worklist(filter: { states: [READY_TO_READ] }, first: 5) { nodes { id } }
  }
`);

export const CLAIM = graphql(`
  mutation ClaimForReading($input: ClaimCaseInput!) {
    claimCase(input: $input) { claimToken leaseExpiresAt renewEverySeconds case { ...ReadingCaseFields } }
  }
`);

export const RENEW = graphql(`
  mutation RenewClaim($input: ClaimTokenInput!) {
    renewClaim(input: $input) { claimToken leaseExpiresAt renewEverySeconds }
  }
`);

export const RELEASE = graphql(`
  mutation ReleaseClaim($input: ClaimTokenInput!) {
    releaseClaim(input: $input) { id state }
  }
`);

export const SAVE_DRAFT = graphql(`
  mutation SaveReportDraft($input: SaveReportDraftInput!) {
    saveReportDraft(input: $input) { revision updatedAt }
  }
`);

export const SIGN = graphql(`
  mutation SignReport($input: SignReportInput!) {
    signReport(input: $input) { ...ReadingCaseFields }
  }
`);

export const ADD_ADDENDUM = graphql(`
  mutation AddAddendum($input: AddAddendumInput!) {
    addAddendum(input: $input) { ...ReadingCaseFields }
  }
`);

export const ACKNOWLEDGE_LATE_IMAGES = graphql(`
  mutation AcknowledgeLateImages($input: AcknowledgeLateImagesInput!) {
    acknowledgeLateImages(input: $input) { id lateImages }
  }
`);

export const MARK_KEY_IMAGE = graphql(`
  mutation MarkKeyImage($input: MarkKeyImageInput!) {
    markKeyImage(input: $input) { id sopInstanceUid seriesInstanceUid frame }
  }
`);

export const REMOVE_KEY_IMAGE = graphql(`
  mutation RemoveKeyImage($input: RemoveKeyImageInput!) {
    removeKeyImage(input: $input) { id keyImages { id } }
  }
`);
