import { graphql } from '@/gql';
import type { ApiKeysQuery, AuditQuery, DeletedStudiesQuery, DicomNodesQuery, FacilitiesQuery, JobsQuery, MembersQuery, QuarantineQuery } from '@/gql/graphql';

export const MEMBERS = graphql(`
  query Members {
    members {
      userId
      name
      email
      role
      disabled
      lastSignInAt
      facilities {
        id
        name
      }
    }
    invitations {
      id
      email
      role
      state
      expiresAt
      facilities {
        id
        name
      }
    }
  }
`);
export type MemberRow = MembersQuery['members'][number];
export type InvitationRow = MembersQuery['invitations'][number];

export const INVITE_MEMBER = graphql(`
  mutation InviteMember($input: InviteMemberInput!) {
    inviteMember(input: $input) {
      id
    }
  }
`);

export const REVOKE_INVITATION = graphql(`
  mutation RevokeInvitation($input: RevokeInvitationInput!) {
    revokeInvitation(input: $input) {
      id
      state
    }
  }
`);

export const SET_MEMBER_DISABLED = graphql(`
  mutation SetMemberDisabled($input: SetMemberDisabledInput!) {
    setMemberDisabled(input: $input) {
      userId
      disabled
    }
  }
`);

export const FACILITIES = graphql(`
  query Facilities {
    facilities {
      id
      name
      code
      reportEmail
      createdAt
    }
  }
`);
export type FacilityRow = FacilitiesQuery['facilities'][number];

export const ADD_FACILITY = graphql(`
  mutation AddFacility($input: AddFacilityInput!) {
    addFacility(input: $input) {
      id
    }
  }
`);

export const JOBS = graphql(`
  query Jobs($state: JobState, $first: Int, $after: String) {
    jobs(state: $state, first: $first, after: $after) {
      endCursor
      hasNextPage
      counts {
        queued
        running
        dead
        doneLastDay
      }
      nodes {
        id
        kind
        state
        subject
        attempts
        maxAttempts
        runAt
        createdAt
        finishedAt
        lastError
      }
    }
  }
`);
export type JobRow = JobsQuery['jobs']['nodes'][number];

export const RETRY_JOB = graphql(`
  mutation RetryJob($input: RetryJobInput!) {
    retryJob(input: $input) {
      id
      state
    }
  }
`);

export const AUDIT = graphql(`
  query Audit($filter: AuditFilter, $first: Int, $after: String) {
    auditTrail(filter: $filter, first: $first, after: $after) {
      endCursor
      hasNextPage
      nodes {
        sequence
        at
        actor
        actorKind
        actorId
        action
        object
        caseId
        outcome
        address
        userAgent
        detail
        hash
      }
    }
  }
`);
export type AuditRow = AuditQuery['auditTrail']['nodes'][number];

export const AUDIT_VERIFICATION = graphql(`
  query AuditVerification {
    auditVerification {
      intact
      events
      firstBrokenSequence
      checkpoints
      unreadableCheckpoints
      newestCheckpointSequence
      newestCheckpointAt
      firstContradictedSequence
    }
  }
`);

export const QUARANTINE = graphql(`
  query Quarantine {
    quarantine {
      id
      sopInstanceUid
      studyInstanceUid
      reason
      receivedAt
      facility
      bytes
      sha256
    }
  }
`);
export type QuarantineRow = QuarantineQuery['quarantine'][number];

export const DELETED_STUDIES = graphql(`
  query DeletedStudies($first: Int, $after: String) {
    deletedStudies(first: $first, after: $after) {
      endCursor
      hasNextPage
      nodes {
        id
        part
        patientName
        patientId
        description
        studyDate
        modalities
        instanceCount
        bytes
        reason
        deletedBy
        deletedAt
        purgeAt
        onLegalHold
      }
    }
  }
`);
export type DeletedStudyRow = DeletedStudiesQuery['deletedStudies']['nodes'][number];

export const RESTORE_STUDY = graphql(`
  mutation RestoreStudy($input: RestoreStudyInput!) {
    restoreStudy(input: $input) {
      id
    }
  }
`);

export const API_KEYS = graphql(`
  query ApiKeys {
    apiKeys {
      id
      name
      scopes
      prefix
      createdAt
      lastUsedAt
      revokedAt
    }
  }
`);
export type ApiKeyRow = ApiKeysQuery['apiKeys'][number];

export const CREATE_API_KEY = graphql(`
  mutation CreateApiKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      secret
      apiKey {
        id
        name
        prefix
      }
    }
  }
`);

export const REVOKE_API_KEY = graphql(`
  mutation RevokeApiKey($input: RevokeApiKeyInput!) {
    revokeApiKey(input: $input) {
      id
      revokedAt
    }
  }
`);

export const DICOM_NODES = graphql(`
  query DicomNodes {
    dicomNodes {
      id
      facilityId
      name
      calledTitle
      peerTitle
      addresses
      certificates
      requiresTls
      rights
      takesPrivateClasses
      host
      port
      usesTls
      isEnabled
    }
  }
`);
export type DicomNodeRow = DicomNodesQuery['dicomNodes'][number];

export const ADD_DICOM_NODE = graphql(`
  mutation AddDicomNode($input: DicomNodeInput!) {
    addDicomNode(input: $input) {
      id
    }
  }
`);

export const CHANGE_DICOM_NODE = graphql(`
  mutation ChangeDicomNode($input: ChangeDicomNodeInput!) {
    changeDicomNode(input: $input) {
      id
    }
  }
`);

export const REMOVE_DICOM_NODE = graphql(`
  mutation RemoveDicomNode($input: RemoveDicomNodeInput!) {
    removeDicomNode(input: $input) {
      nodeId
    }
  }
`);

export const VERIFY_DICOM_NODE = graphql(`
  mutation VerifyDicomNode($input: VerifyDicomNodeInput!) {
    verifyDicomNode(input: $input) {
      answered
      milliseconds
      problem
    }
  }
`);
