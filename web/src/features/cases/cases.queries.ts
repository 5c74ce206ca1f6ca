import { graphql } from '@/gql';
import type { CaseQuery, CasesQuery } from '@/gql/graphql';

export const CASES = graphql(`
  query Cases($filter: WorklistFilter, $first: Int) {
    worklist(filter: $filter, first: $first) {
      totalCount
      hasNextPage
      nodes {
        id
        state
        priority
        protocolFlag
        createdAt
        dueAt
        breached
        receivedCount
        expectedCount
        receivedPercent
        lateImages
        facility {
          id
          name
          code
        }
        patient {
          name
          patientId
          sex
          ageAtStudy
        }
        study {
          description
          studyDate
          modalities
          bodyPart
          accessionNumber
          instanceCount
        }
        holder {
          name
        }
        report {
          state
          versions {
            id
          }
        }
        deliveries {
          id
          channel
          state
        }
        clock {
          state
          elapsedSeconds
        }
      }
    }
  }
`);

export type CaseRow = CasesQuery['worklist']['nodes'][number];

export const CASE = graphql(`
  query Case($id: ID!) {
    case(id: $id) {
      id
      state
      priority
      protocolFlag
      indication
      createdAt
      readyAt
      dueAt
      warned
      breached
      receivedCount
      expectedCount
      receivedPercent
      lateImages
      facility {
        id
        name
        code
      }
      patient {
        name
        patientId
        issuer
        birthDate
        sex
        ageAtStudy
      }
      study {
        id
        studyInstanceUid
        accessionNumber
        description
        studyDate
        modalities
        bodyPart
        seriesCount
        instanceCount
        bytes
        onLegalHold
        availability
        recallRequestedAt
        series {
          id
          modality
          number
          description
          instanceCount
          thumbnailUrl
        }
      }
      holder {
        name
        since
      }
      clock {
        state
        startedAt
        targetSeconds
        elapsedSeconds
        owner
        spans {
          owner
          from
          to
          seconds
        }
        events {
          at
          kind
          owner
          actor
        }
      }
      report {
        id
        state
        versions {
          id
          number
          kind
          signedAt
          signedBy
          sha256
          pdfUrl
          sections {
            key
            title
            text
          }
        }
      }
      deliveries {
        id
        channel
        recipient
        state
        queuedAt
        deliveredAt
        acknowledgedAt
        lastError
      }
    }
  }
`);

export type CaseDetail = CaseQuery['case'];

export const ACKNOWLEDGE_REPORT = graphql(`
  mutation AcknowledgeReport($input: CaseInput!) {
    acknowledgeReport(input: $input) {
      id
      deliveries {
        id
        state
        acknowledgedAt
      }
    }
  }
`);

export const SET_PRIORITY = graphql(`
  mutation SetCasePriority($input: SetCasePriorityInput!) {
    setCasePriority(input: $input) {
      id
      priority
      protocolFlag
      dueAt
    }
  }
`);

export const RECALL_STUDY = graphql(`
  mutation RecallStudy($input: RecallStudyInput!) {
    recallStudy(input: $input)
  }
`);

export const LEGAL_HOLDS = graphql(`
  query LegalHolds($studyId: ID!) {
    legalHolds(studyId: $studyId) {
      id
      reason
      placedBy
      placedAt
    }
  }
`);

export const PLACE_LEGAL_HOLD = graphql(`
  mutation PlaceLegalHold($input: LegalHoldInput!) {
    placeLegalHold(input: $input) {
      id
    }
  }
`);

export const LIFT_LEGAL_HOLD = graphql(`
  mutation LiftLegalHold($input: LegalHoldInput!) {
    liftLegalHold(input: $input)
  }
`);

export const DELETE_STUDY = graphql(`
  mutation DeleteStudy($input: DeleteStudyInput!) {
    deleteStudy(input: $input)
  }
`);

export const STUDY_DESTINATIONS = graphql(`
  query StudyDestinations {
    studyDestinations {
      id
      name
    }
  }
`);

export const SEND_STUDY = graphql(`
  mutation SendStudy($input: SendStudyInput!) {
    sendStudy(input: $input) {
      jobId
    }
  }
`);
